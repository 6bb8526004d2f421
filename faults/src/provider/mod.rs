//! The payment provider: a till that does what it is asked for, behind a wire that does not always tell.
//!
//! Invariant: the adapter here is the one that asks twice where the port wants it to, as the real one does; the till
//! knows requests by their keys and charges nothing twice.

mod till;
mod watched;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef, Reason, RefundRef};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded,
};
use tokio::time::Instant;

use crate::world::{Fault, PROVIDER_WIRE, Process, World, call, lock};

pub(crate) use till::CARDS;
use till::{Standing, Till, Wish};
pub(crate) use watched::Watched;

/// The provider's side: its till, and until when nobody reaches it.
pub(crate) struct Bank {
    world: Arc<World>,
    till: Mutex<Till>,
    down_until: Mutex<Instant>,
}

impl Bank {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            till: Mutex::default(),
            down_until: Mutex::new(Instant::now()),
        }
    }

    /// Nobody reaches it until then.
    pub(crate) fn go_down(&self, until: Instant) {
        *lock(&self.down_until) = until;
    }

    /// What was charged for an order, less what went back.
    pub(crate) fn net(&self, order: OrderId) -> i64 {
        lock(&self.till).net(order)
    }

    /// Does something at the till, unless nobody reaches it.
    fn serve<T>(&self, act: impl FnOnce(&mut Till, &World) -> T) -> Option<T> {
        let is_down = *lock(&self.down_until) > Instant::now() && !self.world.is_healed();
        (!is_down).then(|| act(&mut lock(&self.till), &self.world))
    }
}

/// A process's way to the provider.
pub(crate) struct Adapter {
    process: Process,
    bank: Arc<Bank>,
}

impl Adapter {
    pub(crate) fn new(process: &Process, bank: &Arc<Bank>) -> Self {
        Self {
            process: process.clone(),
            bank: Arc::clone(bank),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        act: impl Fn(&mut Till, &World) -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let world = &self.process.world;
        self.process.step().await;
        if world.strikes(Fault::ProviderBusy) {
            return Err(NoAnswer::NotAsked {
                reason: Reason::lossy("simulated: too many requests"),
                retry_after: None,
            });
        }
        let bank = Arc::clone(&self.bank);
        let answer = call(world, &PROVIDER_WIRE, move || {
            bank.serve(|till, world| act(till, world))
        });
        let answer = answer.await;
        self.process.step().await;
        if answer.is_some() && world.strikes(Fault::ProviderUnclear) {
            return Err(NoAnswer::Unclear(Reason::lossy("simulated: unclear")));
        }
        answer.ok_or_else(|| NoAnswer::Unknown(Reason::lossy("simulated: no answer")))
    }

    async fn ask_standing(
        &self,
        intent: &ProviderRef,
        act: impl Fn(&mut Till, &World, &str) -> Option<Standing> + Send + 'static,
    ) -> Result<IntentStatus, NoAnswer> {
        let name = intent.as_str().to_owned();
        let standing = self.ask(move |till, world| act(till, world, &name)).await?;
        if self.process.world.strikes(Fault::ProviderPending) {
            return Ok(IntentStatus::Pending(Reason::lossy("simulated: pending")));
        }
        match standing {
            Some(Standing::Unconfirmed) => Ok(IntentStatus::Unconfirmed),
            Some(Standing::Succeeded) => Ok(IntentStatus::Succeeded),
            Some(Standing::Declined) => Ok(IntentStatus::Declined(Reason::lossy("no funds"))),
            Some(Standing::Cancelled) => Ok(IntentStatus::Cancelled),
            None => Err(NoAnswer::Unclear(Reason::lossy("no such intent"))),
        }
    }
}

#[async_trait]
impl PaymentProvider for Adapter {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        let wish = Wish {
            order,
            attempt: charge.attempt.get(),
            amount: charge.amount.minor(),
            token: charge.token.as_str().to_owned(),
        };
        let made = self
            .ask(move |till, world| till.create(world, &wish))
            .await?;
        let Some(name) = made else {
            return Ok(Created::Refused(Reason::lossy("no such payment method")));
        };
        let name = ProviderRef::parse(name);
        let unclear = |_| NoAnswer::Unclear(Reason::lossy("no name"));
        Ok(Created::Intent(name.map_err(unclear)?))
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.ask_standing(intent, Till::confirm).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.ask_standing(intent, |till, _, name| till.look_up(name))
            .await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.ask_standing(intent, Till::cancel).await
    }

    async fn refund(&self, _: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        let name = refund.intent.as_str().to_owned();
        let listed = self.ask(move |till, _| till.refund_of(&name)).await?;
        let made = match listed {
            Some(made) => Some(made),
            None => {
                let (name, attempt) = (refund.intent.as_str().to_owned(), refund.attempt.get());
                self.ask(move |till, world| till.refund(world, &name, attempt))
                    .await?
            }
        };
        let Some(made) = made else {
            return Ok(Refunded::Refused(Reason::lossy("simulated: no balance")));
        };
        if self.process.world.strikes(Fault::ProviderPending) {
            return Ok(Refunded::Pending(Reason::lossy("simulated: pending")));
        }
        let unclear = |_| NoAnswer::Unclear(Reason::lossy("no name"));
        RefundRef::parse(made).map(Refunded::Done).map_err(unclear)
    }
}
