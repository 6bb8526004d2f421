//! Ports: what the rest of the program needs of the log. JetStream implements them, and so does the test kit's memory.
//!
//! Invariant: nothing is ever appended without an expectation, and no answer claims more than the log has said.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::{
    BrokenHistory, DecodeError, Envelope, Hash, History, Incarnation, OrderId, Sequence, Shard,
    StoredEvent, Timestamp,
};

/// The cause of a failure, for the log of the process; never for a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The clock of a runner. Nothing below the runners asks for the time.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
}

/// How recent a read has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A cache or a replica may answer, and may lag. Good enough to append on: the append's expectation catches it.
    MayBeStale,
    /// The stream's leader answers: everything that was acknowledged before is in it.
    Current,
}

/// An event ready to be stored: its envelope, and the bytes that are stored and hashed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The event.
    pub envelope: Envelope,
    /// Its payload.
    pub payload: Vec<u8>,
    /// SHA-256 of the payload.
    pub hash: Hash,
}

impl Draft {
    /// Encodes an event.
    pub fn new(envelope: Envelope) -> Self {
        let payload = envelope.encode();
        Self {
            hash: Hash::of(&payload),
            payload,
            envelope,
        }
    }
}

/// Why the log did not answer a read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Out of reach, without a leader, or too slow. Nothing changed; ask again later.
    #[error("the event log is not available")]
    Unavailable(#[source] Cause),
    /// This order's events make no history. It waits for an operator; other orders are not affected.
    #[error("the history of the order is broken")]
    Broken(#[from] BrokenHistory),
    /// The stream was deleted and created anew: it is another log. The process must not go on with what it knows.
    #[error("the event stream was re-created: it is another log now")]
    Recreated,
}

/// Why an append was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The order is not where the decision saw it. That may be our own earlier try: read back, look for the command.
    #[error("the order has moved on")]
    Conflict,
    /// Sent, and never answered within the budget: stored or not. Read back, or ask again with the same command.
    #[error("the log did not say whether the events were stored")]
    OutcomeUnknown(#[source] Cause),
    /// Certainly not stored: refused, or never sent.
    #[error("the events were not stored")]
    NotStored(#[source] Cause),
    /// See [`LogError::Recreated`].
    #[error("the event stream was re-created: it is another log now")]
    Recreated,
}

/// The log of all orders, as commands need it.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Which log it is.
    fn incarnation(&self) -> Incarnation;

    /// All events of one order; an empty history if there is none.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError>;

    /// Stores the events of one decision after those it was based on, all or none, and gives the history that results.
    ///
    /// # Errors
    /// See [`AppendError`].
    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError>;
}

/// An event with the time at which the log recorded it.
#[derive(Debug, Clone)]
pub struct RecordedEvent {
    /// The event.
    pub event: Arc<StoredEvent>,
    /// The log's own time: filters and as-of go by it.
    pub recorded_at: Timestamp,
}

/// A stored message that can't be read.
#[derive(Debug, Clone)]
pub struct UnreadableEvent {
    /// Where it stands.
    pub sequence: Sequence,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Whose it is by its subject, if the subject can be read.
    pub order_id: Option<OrderId>,
    /// What is wrong with it.
    pub error: DecodeError,
}

/// One message of the log.
#[derive(Debug, Clone)]
pub enum FeedItem {
    /// An event.
    Event(RecordedEvent),
    /// A message that is none; whoever follows decides what that means, and never skips it silently.
    Unreadable(UnreadableEvent),
}

impl FeedItem {
    /// Where it stands.
    pub fn sequence(&self) -> Sequence {
        match self {
            Self::Event(recorded) => recorded.event.sequence,
            Self::Unreadable(unreadable) => unreadable.sequence,
        }
    }
}

/// Why a feed has ended; a lost connection is not among it.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// See [`LogError::Recreated`].
    #[error("the event stream was re-created: it is another log now")]
    Recreated,
    /// Messages are gone that nothing of ours deletes: the log was tampered with or damaged.
    #[error("the log has a gap: expected a message at {expected}, the next one is at {found}")]
    Gap {
        /// The sequence that is missing.
        expected: Sequence,
        /// The next one there is.
        found: Sequence,
    },
}

/// The log from first to last, as projections and audits read it.
#[async_trait]
pub trait EventFeed: Send + Sync {
    /// Which log it is.
    fn incarnation(&self) -> Incarnation;

    /// Where the last message stands at this moment.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn head(&self) -> Result<Sequence, LogError>;

    /// Every message after `after`, in the order of the log, each once, and then each new one as it comes. It outlives
    /// lost connections and restarts of the server; it ends only after an error.
    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>>;
}

/// A durable alarm of an order; one of each name at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimerName {
    /// The payment was not made in time.
    PaymentDeadline,
    /// Try again to tell the provider of the payment.
    PaymentSubmit,
    /// Ask again how the payment ended.
    PaymentCheck,
    /// Try the refund again.
    RefundRetry,
    /// Send the goods out again.
    DeliveryRetry,
    /// The goods did not arrive in time.
    DeliveryDeadline,
}

impl TimerName {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::PaymentDeadline,
        Self::PaymentSubmit,
        Self::PaymentCheck,
        Self::RefundRetry,
        Self::DeliveryRetry,
        Self::DeliveryDeadline,
    ];

    /// Its name in a subject, such as `payment-deadline`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaymentDeadline => "payment-deadline",
            Self::PaymentSubmit => "payment-submit",
            Self::PaymentCheck => "payment-check",
            Self::RefundRetry => "refund-retry",
            Self::DeliveryRetry => "delivery-retry",
            Self::DeliveryDeadline => "delivery-deadline",
        }
    }

    /// The timer of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| timer.name() == name)
    }
}

/// Durable alarms. They fire once or, after a failure, more often, and possibly late: whoever is woken looks at the
/// order's state, never at the alarm alone.
#[async_trait]
pub trait Timers: Send + Sync {
    /// Sets a timer, in the place of one of the same name; one that lies in the past fires at once.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
    ) -> Result<(), LogError>;

    /// Takes a timer back, if it is set.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError>;
}

/// A timer that went off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiredTimer {
    /// Whose.
    pub order_id: OrderId,
    /// Which.
    pub timer: TimerName,
    /// When the log recorded that it fired.
    pub recorded_at: Timestamp,
}

/// What the saga is woken by.
#[derive(Debug, Clone)]
pub enum WorkItem {
    /// An event of one of the shard's orders.
    Event(RecordedEvent),
    /// A timer of one of the shard's orders.
    Timer(FiredTimer),
    /// A message that can't be read: to be parked.
    Unreadable(UnreadableEvent),
}

/// Work that stays on the queue until its receipt is given.
pub struct Work {
    /// What to do.
    pub item: WorkItem,
    /// To be given when it is done, or is recorded durably elsewhere.
    pub receipt: Box<dyn Receipt>,
}

/// Takes a piece of work off the queue.
#[async_trait]
pub trait Receipt: Send {
    /// Confirms that the work is done. Unless this succeeds, the work is handed out again.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError>;
}

/// The durable queue of each shard's events and timers. One process at a time works on a shard; others stand by.
pub trait WorkQueue: Send + Sync {
    /// The shard's work, from the oldest that was not acknowledged on. It outlives lost connections and restarts of the
    /// server; it ends only after an error.
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>>;
}

/// A message that waits for an operator: a pointer to it, not a copy, so that it is read anew when it is retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where the message stands in the log.
    pub sequence: Sequence,
    /// Whose it is, if that can be told.
    pub order_id: Option<OrderId>,
    /// Who could not handle it.
    pub consumer: String,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// The place for messages that could not be handled.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Records durably that a message waits. To park it twice is to park it once.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn park(&self, parked: Parked) -> Result<(), LogError>;
}
