//! The simulator, cut off or held up at will, and counted.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ordertrace_domain::{
    Attempt, OrderId, PaymentToken, ProviderRef,
    testing::fixtures::{amount, euro, order_id, reason},
};
use ordertrace_saga::provider::{
    Charge, Created, GuardConfig, Guarded, IntentStatus, NoAnswer, PaymentProvider, RefundOrder,
    Refunded, SimulatedProvider,
};
use tokio::{
    sync::watch,
    time::{Instant, interval},
};

/// How long a condition may take to come true: many times what it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the provider is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// It answers.
    Up,
    /// Its answers get lost.
    Silent,
    /// It answers, but nobody can go by what it says.
    Unclear,
    /// It can't be reached, or puts everybody off.
    Away,
    /// It answers when it is up again.
    Hanging,
}

pub(crate) struct Provider {
    simulator: SimulatedProvider,
    line: watch::Sender<Line>,
    calls: AtomicUsize,
}

impl Provider {
    pub(crate) fn new(line: Line) -> Arc<Self> {
        Arc::new(Self {
            simulator: SimulatedProvider::in_memory(),
            line: watch::Sender::new(line),
            calls: AtomicUsize::new(0),
        })
    }

    pub(crate) fn is_now(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// How many calls have reached it.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    async fn reached<T>(
        &self,
        call: impl Future<Output = Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let line = *self.line.borrow();
        match line {
            Line::Up => {}
            Line::Silent => return Err(NoAnswer::Unknown(reason("the connection broke"))),
            Line::Unclear => return Err(NoAnswer::Unclear(reason("what is that?"))),
            Line::Away => {
                return Err(NoAnswer::NotAsked {
                    reason: reason("connection refused"),
                    retry_after: None,
                });
            }
            Line::Hanging => {
                let mut line = self.line.subscribe();
                if line.wait_for(|line| *line == Line::Up).await.is_err() {
                    return pending().await;
                }
            }
        }
        call.await
    }
}

#[async_trait]
impl PaymentProvider for Provider {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        self.reached(self.simulator.create(order, charge)).await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.reached(self.simulator.confirm(intent)).await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.reached(self.simulator.look_up(intent)).await
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.reached(self.simulator.cancel(intent)).await
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        self.reached(self.simulator.refund(order, refund)).await
    }
}

/// Bounds that are soon reached.
pub(crate) fn small() -> GuardConfig {
    GuardConfig {
        calls_at_once_max: 4,
        failures_in_a_row: 3,
        open_for: Duration::from_millis(300),
        trials: 2,
        ..GuardConfig::default()
    }
}

/// Bounds under which an open breaker stays open for the whole of a test.
pub(crate) fn open_for_long() -> GuardConfig {
    GuardConfig {
        open_for: Duration::from_secs(600),
        ..small()
    }
}

pub(crate) fn guarded(provider: &Arc<Provider>, config: &GuardConfig) -> Arc<Guarded> {
    let provider = Arc::clone(provider) as Arc<dyn PaymentProvider>;
    Arc::new(Guarded::new(provider, config).expect("sound bounds"))
}

pub(crate) fn charge(minor: i64) -> Charge {
    Charge {
        attempt: Attempt::FIRST,
        amount: amount(minor),
        currency: euro(),
        token: PaymentToken::parse("pm_card_visa").expect("a token"),
    }
}

/// Asks for a new intent, as any call would do.
pub(crate) async fn ask(guarded: &Guarded) -> Result<Created, NoAnswer> {
    guarded.create(order_id(), &charge(1_000)).await
}

/// Asks until the breaker is open.
pub(crate) async fn fail(guarded: &Guarded, times: usize) {
    for _ in 0..times {
        ask(guarded).await.expect_err("no answer");
    }
}

pub(crate) fn is_turned_away<T>(answer: &Result<T, NoAnswer>) -> bool {
    matches!(answer, Err(NoAnswer::NotAsked { .. }))
}

/// Looks again and again until something is there.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    let mut ticks = interval(Duration::from_millis(5));
    while start.elapsed() < PATIENCE {
        if let Some(seen) = look().await {
            return seen;
        }
        ticks.tick().await;
    }
    unreachable!("{what}: not within {PATIENCE:?}");
}
