//! A shop: a log in memory, a clock that stands still, a counted payment provider, and sagas that run on them.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use ordertrace_domain::{
    Clock, Command, CommandRequest, EventFeed, EventLog, Executor, Freshness, OrderCommand,
    OrderId, OrderState, PaymentMethod, Phase, Sequence, Shard, TimerName, Timestamp, WorkQueue,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, line, order_of},
    },
};
use ordertrace_saga::{Policy, Saga, SagaError};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    counter::Counter,
    fuse::{Fuse, Fused},
    meddler::Meddler,
};

/// Nothing more will happen by itself when nothing has happened for so long, in tokio's paused time: it is longer than
/// the saga works on one thing, with all its tries.
const QUIET: Duration = Duration::from_mins(1);

/// More events than the orders of any test have, so that an endless run of them fails the test.
const EVENTS_MAX: usize = 2_000;

pub(crate) struct Shop {
    pub(crate) log: MemoryLog,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) provider: Counter,
    pub(crate) meddler: Meddler,
    executor: Executor,
}

/// A saga that runs.
pub(crate) struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), SagaError>>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        let executor = Executor::new(Arc::new(log.clone()), clock.clone());
        Self {
            log,
            clock,
            provider: Counter::new(),
            meddler: Meddler::new(executor.clone()),
            executor,
        }
    }

    /// A shop with one saga.
    pub(crate) fn open() -> (Self, Running) {
        let shop = Self::new();
        let saga = shop.saga(Fuse::endless());
        (shop, saga)
    }

    /// Starts a saga on the log's own queue.
    pub(crate) fn saga(&self, fuse: Fuse) -> Running {
        self.saga_on(Arc::new(self.log.clone()), fuse)
    }

    /// Starts a saga on a machine whose clock is this one.
    pub(crate) fn saga_by(&self, clock: Arc<ManualClock>) -> Running {
        self.start(Arc::new(self.log.clone()), Fuse::endless(), clock)
    }

    /// Starts a saga on this queue.
    pub(crate) fn saga_on(&self, queue: Arc<dyn WorkQueue>, fuse: Fuse) -> Running {
        self.start(queue, fuse, self.clock.clone())
    }

    fn start(&self, queue: Arc<dyn WorkQueue>, fuse: Fuse, clock: Arc<ManualClock>) -> Running {
        let ports = Arc::new(Fused {
            log: self.log.clone(),
            queue,
            provider: self.provider.clone(),
            meddler: self.meddler.clone(),
            fuse,
        });
        let saga = Saga {
            executor: Executor::new(ports.clone(), clock.clone()),
            queue: ports.clone(),
            timers: ports.clone(),
            parking: ports.clone(),
            provider: ports,
            clock,
            policy: Policy::default(),
        };
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(saga.run(shutdown.clone()));
        Running { shutdown, task }
    }

    /// Places an order over this many minor units.
    pub(crate) async fn place(&self, method: PaymentMethod, minor: i64) -> OrderId {
        let order = fixtures::order_id();
        self.place_as(order, method, minor).await;
        order
    }

    async fn place_as(&self, order: OrderId, method: PaymentMethod, minor: i64) {
        let place = order_of(vec![line(1, "Coffee", 2, minor)], method);
        self.give(order, OrderCommand::PlaceOrder(place)).await;
    }

    /// Places an order that falls into the shard of another one, and so could be held up by it.
    pub(crate) async fn place_in_shard_of(
        &self,
        order: OrderId,
        method: PaymentMethod,
        minor: i64,
    ) -> OrderId {
        let mut ids = std::iter::repeat_with(fixtures::order_id);
        let other = ids.find(|id| Shard::of(*id) == Shard::of(order));
        let other = other.expect("every sixteenth id or so is in the shard");
        self.place_as(other, method, minor).await;
        other
    }

    /// Somebody gives a command, which is carried out.
    pub(crate) async fn give(&self, order: OrderId, command: impl Into<Command>) {
        self.carry_out(&fixtures::request(order, command)).await;
    }

    /// Somebody gives a command under an id of his own choice, which is carried out.
    pub(crate) async fn carry_out(&self, request: &CommandRequest) {
        let outcome = self.executor.execute(request).await.expect("an answer");
        outcome.expect("the command is carried out");
    }

    /// Waits until the sagas have done all that they can do by themselves.
    pub(crate) async fn settled(&self) {
        let mut feed = self.log.follow(Sequence::START);
        for _ in 0..EVENTS_MAX {
            match timeout(QUIET, feed.next()).await {
                Ok(item) => drop(item.expect("the feed goes on").expect("a message")),
                Err(_) => return,
            }
        }
        panic!("no rest after {EVENTS_MAX} events");
    }

    /// Moves the clock, and waits until the sagas have done what followed.
    pub(crate) async fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.settled().await;
    }

    pub(crate) async fn state(&self, order: OrderId) -> OrderState {
        let history = self.log.load(order, Freshness::Current).await;
        history.expect("a history").state()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where the order's last event stands.
    pub(crate) async fn last_sequence(&self, order: OrderId) -> Sequence {
        let history = self.log.load(order, Freshness::Current).await;
        history.expect("a history").last_sequence()
    }

    pub(crate) async fn phase(&self, order: OrderId) -> Phase {
        self.state(order).await.order().expect("an order").phase
    }

    /// The names of the order's events, once the sagas have done all that they can do by themselves.
    pub(crate) async fn story(&self, order: OrderId) -> Vec<&'static str> {
        self.settled().await;
        self.story_so_far(order).await
    }

    /// The names of the order's events at this moment.
    pub(crate) async fn story_so_far(&self, order: OrderId) -> Vec<&'static str> {
        let history = self.log.load(order, Freshness::Current).await;
        let history = history.expect("a history");
        let events = history.events().iter();
        events
            .map(|event| event.envelope.event.event_type().name)
            .collect()
    }

    /// Lets tokio's paused time pass, in which the sagas try again and the provider answers; the clock stands still.
    pub(crate) async fn pass(&self, time: Duration) {
        let nothing = std::future::pending::<()>();
        assert!(timeout(time, nothing).await.is_err());
    }

    /// The timers of an order that are set, as waits from now.
    pub(crate) fn waits(&self, order: OrderId) -> Vec<(TimerName, Duration)> {
        let now = self.clock.now();
        let timers = self.log.timers_of(order).into_iter();
        timers
            .map(|(timer, at)| (timer, between(now, at)))
            .collect()
    }

    /// What was captured and what was given back.
    pub(crate) fn money(&self, order: OrderId) -> (i64, i64) {
        let entry = self.provider.ledger_of(order);
        (entry.captured, entry.refunded)
    }
}

fn between(now: Timestamp, at: Timestamp) -> Duration {
    Duration::from_micros(at.micros().saturating_sub(now.micros()).unsigned_abs())
}

impl Running {
    /// What it is asked to stop by.
    pub(crate) fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// The process dies: nothing is finished, nothing cleaned up.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let ended = self.task.await;
        assert!(
            ended.is_err_and(|error| error.is_cancelled()),
            "it was still running"
        );
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) -> Result<(), SagaError> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(self) -> Result<(), SagaError> {
        let ended = timeout(QUIET, self.task).await.expect("it ends");
        ended.expect("it does not panic")
    }
}
