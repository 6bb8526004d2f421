//! The guard around a payment provider: whatever state that is in, the rest of the saga goes on.
//!
//! Each call passes a bulkhead, which bounds how many are under way, a circuit breaker, which leaves a provider alone that
//! has stopped answering, and a time-out.
//!
//! Invariant: a call that the guard turns away never reached the provider and is [`NoAnswer::NotAsked`]; one that it cuts
//! off may have, and is [`NoAnswer::Unknown`]. Neither is ever a refusal. It does not ask again: that is the saga's to do,
//! by its timers.

mod breaker;
mod bulkhead;
mod config;
mod meter;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::future::BoxFuture;
use ordertrace_domain::{OrderId, ProviderRef, Reason};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::{Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded};
use breaker::Breaker;
use bulkhead::Bulkhead;
use meter::Call;

pub use breaker::BreakerState;
pub use config::{GuardConfig, InvalidGuard};

/// A payment provider behind a bulkhead, a circuit breaker and a time-out; it is one itself.
pub struct Guarded {
    provider: Arc<dyn PaymentProvider>,
    call_max: Duration,
    bulkhead: Bulkhead,
    breaker: Breaker,
}

/// How the guard stands, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Provider)]
pub struct GuardStatus {
    /// Whether calls go through.
    pub breaker: BreakerState,
    /// For how long that has been so, in milliseconds.
    pub breaker_for_ms: u64,
    /// How often the breaker has opened since the start of this process.
    pub opened_total: u64,
    /// Why a call had no answer most recently, if one ever had none.
    #[schema(value_type = Option<String>, required = true)]
    pub last_failure: Option<Reason>,
    /// How many calls are under way.
    pub calls_in_flight: usize,
    /// How many there may be.
    pub calls_at_once_max: usize,
}

impl Guarded {
    /// Puts a provider behind the guard. Install the recorder of metrics before, so that it learns what they mean.
    ///
    /// # Errors
    /// A bound of zero, which would let no call through.
    pub fn new(
        provider: Arc<dyn PaymentProvider>,
        config: &GuardConfig,
    ) -> Result<Self, InvalidGuard> {
        config.check()?;
        meter::describe();
        Ok(Self {
            provider,
            call_max: config.call_max,
            bulkhead: Bulkhead::new(config.calls_at_once_max, config.permit_wait),
            breaker: Breaker::new(config)?,
        })
    }

    /// How it stands.
    pub fn status(&self) -> GuardStatus {
        let breaker = self.breaker.standing();
        let breaker_for_ms = breaker.since.elapsed().as_millis();
        GuardStatus {
            breaker: breaker.state,
            breaker_for_ms: u64::try_from(breaker_for_ms).unwrap_or(u64::MAX),
            opened_total: breaker.opened_total,
            last_failure: breaker.last_failure,
            calls_in_flight: self.bulkhead.taken(),
            calls_at_once_max: self.bulkhead.size(),
        }
    }

    async fn guarded<T: Send + 'static>(
        &self,
        call: Call,
        asking: BoxFuture<'static, Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        let answer = match self.bulkhead.enter().await {
            Ok(_place) => {
                let asking = Box::pin(in_time(call, self.call_max, asking));
                self.breaker.call(asking).await
            }
            Err(busy) => Err(busy),
        };
        meter::ended(call, &answer);
        answer
    }
}

/// Asks, but not for longer than `call_max`: what was cut off may have been carried out.
async fn in_time<T>(
    call: Call,
    call_max: Duration,
    asking: BoxFuture<'static, Result<T, NoAnswer>>,
) -> Result<T, NoAnswer> {
    let _watch = meter::Watch::start(call);
    let no_answer = || NoAnswer::Unknown(Reason::lossy("no answer in time"));
    timeout(call_max, asking)
        .await
        .unwrap_or_else(|_| Err(no_answer()))
}

#[async_trait]
impl PaymentProvider for Guarded {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        let (provider, charge) = (Arc::clone(&self.provider), charge.clone());
        let asking = Box::pin(async move { provider.create(order, &charge).await });
        self.guarded(Call::Create, asking).await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let (provider, intent) = (Arc::clone(&self.provider), intent.clone());
        let asking = Box::pin(async move { provider.confirm(&intent).await });
        self.guarded(Call::Confirm, asking).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let (provider, intent) = (Arc::clone(&self.provider), intent.clone());
        let asking = Box::pin(async move { provider.look_up(&intent).await });
        self.guarded(Call::LookUp, asking).await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let (provider, intent) = (Arc::clone(&self.provider), intent.clone());
        let asking = Box::pin(async move { provider.cancel(&intent).await });
        self.guarded(Call::Cancel, asking).await
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        let (provider, refund) = (Arc::clone(&self.provider), refund.clone());
        let asking = Box::pin(async move { provider.refund(order, &refund).await });
        self.guarded(Call::Refund, asking).await
    }
}
