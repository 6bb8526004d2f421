//! Looks at what the saga's guard of the provider lets through; it changes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef};
use ordertrace_saga::provider::{
    Charge, Created, Guarded, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded,
};

use crate::world::World;

/// The guard, watched.
pub(crate) struct Watched {
    world: Arc<World>,
    guarded: Guarded,
}

impl Watched {
    pub(crate) fn new(world: &Arc<World>, guarded: Guarded) -> Self {
        Self {
            world: Arc::clone(world),
            guarded,
        }
    }

    fn saw<T>(&self, answer: Result<T, NoAnswer>) -> Result<T, NoAnswer> {
        if let Err(NoAnswer::NotAsked { reason, .. }) = &answer
            && !reason.as_str().starts_with("simulated")
        {
            self.world
                .sight("provider: breaker or bulkhead turned away");
        }
        answer
    }
}

#[async_trait]
impl PaymentProvider for Watched {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        self.saw(self.guarded.create(order, charge).await)
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.saw(self.guarded.confirm(intent).await)
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.saw(self.guarded.look_up(intent).await)
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.saw(self.guarded.cancel(intent).await)
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        self.saw(self.guarded.refund(order, refund).await)
    }
}
