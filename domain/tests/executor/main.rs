//! The executor on the log in memory: what it answers when the log is quick, stale, ambiguous, contended or full.

#![expect(
    clippy::expect_used,
    reason = "what a test builds on has to be there, or the test fails"
)]

mod ambiguous;
mod answers;
mod bounds;
mod owners;
mod repeats;
mod stale;

use std::sync::Arc;

use ordertrace_domain::{
    Command, CommandRequest, Event, EventLog, ExecuteError, Executor, Freshness, History, OrderId,
    Outcome, Refusal, Version,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{drafts, order_id, request},
    },
};

/// An executor, its log and one order.
struct Shop {
    clock: Arc<ManualClock>,
    log: MemoryLog,
    executor: Executor,
    order: OrderId,
}

impl Shop {
    /// A shop with an order that nobody placed yet.
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(Arc::<ManualClock>::clone(&clock));
        let executor = Executor::new(Arc::new(log.clone()), Arc::<ManualClock>::clone(&clock));
        Self {
            clock,
            log,
            executor,
            order: order_id(),
        }
    }

    /// A shop with an order to which this has happened.
    async fn with(events: Vec<Event>) -> Self {
        let shop = Self::new();
        shop.happened(events).await;
        shop
    }

    /// More happens to the order, by somebody else.
    async fn happened(&self, events: Vec<Event>) {
        let base = self.history().await;
        let drafts = drafts(&base, events);
        self.log.append(&base, drafts).await.expect("an append");
    }

    async fn history(&self) -> History {
        let history = self.log.load(self.order, Freshness::Current).await;
        history.expect("a history")
    }

    async fn version(&self) -> Version {
        self.history().await.version()
    }

    fn request(&self, command: impl Into<Command>) -> CommandRequest {
        request(self.order, command)
    }

    async fn execute(&self, request: &CommandRequest) -> Result<Outcome, Refusal> {
        self.try_execute(request).await.expect("an answer")
    }

    async fn try_execute(
        &self,
        request: &CommandRequest,
    ) -> Result<Result<Outcome, Refusal>, ExecuteError> {
        self.executor.execute(request).await
    }

    /// Carries out a command that nothing speaks against.
    async fn done(&self, command: impl Into<Command>) -> Outcome {
        let request = self.request(command);
        self.execute(&request).await.expect("it is carried out")
    }
}

/// The last events of a history.
fn tail(history: &History, count: usize) -> Vec<Event> {
    let events = history.events().iter().rev().take(count).rev();
    events.map(|event| event.envelope.event.clone()).collect()
}
