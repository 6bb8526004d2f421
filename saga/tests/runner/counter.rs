//! The payment provider as the tests see it: it counts how often it is called, and may fall silent.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, LedgerEntry, OutcomeUnknown, PaymentProvider, RefundOrder,
    Refunded, SimulatedProvider,
};

/// Counts calls to the simulator behind it.
#[derive(Clone)]
pub(crate) struct Counter {
    shared: Arc<Shared>,
}

struct Shared {
    simulator: SimulatedProvider,
    calls: AtomicU32,
    is_silent: AtomicBool,
}

impl Counter {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            simulator: SimulatedProvider::in_memory(),
            calls: AtomicU32::new(0),
            is_silent: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// How often it was called, for whatever order.
    pub(crate) fn calls(&self) -> u32 {
        self.shared.calls.load(Ordering::SeqCst)
    }

    /// Whether calls are carried out, and then never answered.
    pub(crate) fn silent(&self, is_silent: bool) {
        self.shared.is_silent.store(is_silent, Ordering::SeqCst);
    }

    /// What was charged and given back for an order, over all its intents.
    pub(crate) fn ledger_of(&self, order: OrderId) -> LedgerEntry {
        let entries = self.shared.simulator.entries();
        let of_order = |(name, _): &(&String, &LedgerEntry)| name.contains(&order.to_string());
        let none = LedgerEntry {
            captured: 0,
            refunded: 0,
        };
        entries
            .iter()
            .filter(of_order)
            .fold(none, |sum, (_, entry)| LedgerEntry {
                captured: sum.captured + entry.captured,
                refunded: sum.refunded + entry.refunded,
            })
    }

    async fn counted<T>(
        &self,
        call: impl Future<Output = Result<T, OutcomeUnknown>>,
    ) -> Result<T, OutcomeUnknown> {
        self.shared.calls.fetch_add(1, Ordering::SeqCst);
        let answer = call.await;
        if self.shared.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        answer
    }
}

#[async_trait]
impl PaymentProvider for Counter {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, OutcomeUnknown> {
        self.counted(self.shared.simulator.create(order, charge))
            .await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, OutcomeUnknown> {
        self.counted(self.shared.simulator.confirm(intent)).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, OutcomeUnknown> {
        self.counted(self.shared.simulator.look_up(intent)).await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, OutcomeUnknown> {
        self.counted(self.shared.simulator.cancel(intent)).await
    }

    async fn refund(
        &self,
        order: OrderId,
        refund: &RefundOrder,
    ) -> Result<Refunded, OutcomeUnknown> {
        self.counted(self.shared.simulator.refund(order, refund))
            .await
    }
}
