//! The payment provider as the tests see it: it counts how often it is called, and may take its time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef, Reason};
use ordertrace_saga::provider::{
    Charge, Created, IntentStatus, LedgerEntry, NoAnswer, PaymentProvider, RefundOrder, Refunded,
    SimulatedProvider,
};

/// Longer than the saga waits for an answer.
pub(crate) const SILENCE: Duration = Duration::from_mins(5);

/// Counts calls to the simulator behind it.
#[derive(Clone)]
pub(crate) struct Counter {
    shared: Arc<Shared>,
}

struct Shared {
    simulator: SimulatedProvider,
    calls: AtomicU32,
    /// How long an answer takes, in seconds.
    answer_secs: AtomicU64,
    is_away: AtomicBool,
    /// After how many calls it is away.
    leaves_after: AtomicU32,
    is_broken: AtomicBool,
}

impl Counter {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            simulator: SimulatedProvider::in_memory(),
            calls: AtomicU32::new(0),
            answer_secs: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            leaves_after: AtomicU32::new(u32::MAX),
            is_broken: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// How often it was called, for whatever order.
    pub(crate) fn calls(&self) -> u32 {
        self.shared.calls.load(Ordering::SeqCst)
    }

    /// From now on calls are carried out at once, and answered after this time.
    pub(crate) fn answers_after(&self, wait: Duration) {
        self.shared
            .answer_secs
            .store(wait.as_secs(), Ordering::SeqCst);
    }

    /// Whether calls come to nothing, and say so.
    pub(crate) fn is_away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::SeqCst);
        self.leaves_after(u32::MAX);
    }

    /// It answers so many calls, and is away then.
    pub(crate) fn leaves_after(&self, calls: u32) {
        self.shared.leaves_after.store(calls, Ordering::SeqCst);
    }

    /// Whether calls end in a panic, as by a mistake in the program.
    pub(crate) fn is_broken(&self, is_broken: bool) {
        self.shared.is_broken.store(is_broken, Ordering::SeqCst);
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
        call: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        let calls = self.shared.calls.fetch_add(1, Ordering::SeqCst);
        if calls >= self.shared.leaves_after.load(Ordering::SeqCst) {
            self.shared.is_away.store(true, Ordering::SeqCst);
        }
        let is_broken = self.shared.is_broken.load(Ordering::SeqCst);
        assert!(!is_broken, "the provider is broken");
        if self.shared.is_away.load(Ordering::SeqCst) {
            return Err(NoAnswer::NotAsked {
                reason: Reason::lossy("nobody is there"),
                retry_after: None,
            });
        }
        let answer = call.await;
        let wait = Duration::from_secs(self.shared.answer_secs.load(Ordering::SeqCst));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        answer
    }
}

#[async_trait]
impl PaymentProvider for Counter {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        self.counted(self.shared.simulator.create(order, charge))
            .await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.counted(self.shared.simulator.confirm(intent)).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.counted(self.shared.simulator.look_up(intent)).await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.counted(self.shared.simulator.cancel(intent)).await
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        self.counted(self.shared.simulator.refund(order, refund))
            .await
    }
}
