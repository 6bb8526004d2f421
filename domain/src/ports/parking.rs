//! The place for messages that could not be handled.

use async_trait::async_trait;

use super::LogError;
use crate::{ActorId, OrderId, Reason, Sequence, Timestamp};

/// A message that waits for an operator: a pointer to it, not a copy, so that it is read anew when it is retried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where the message stands: in the log, or among the timers if it [is one](Self::is_timer).
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

/// What the names of the consumers of timers begin with; a shard's number follows.
const TIMER_CONSUMERS: &str = "saga-timers-";

impl Parked {
    /// Whether it is a timer that could not be read. It never stood in the log, so it has no position there.
    pub fn is_timer(&self) -> bool {
        self.consumer.starts_with(TIMER_CONSUMERS)
    }
}

/// The place for messages that could not be handled.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Records durably that a message waits. To park it twice is to park it once, unless an operator has settled it
    /// meanwhile, or it is parked for another reason: then it waits anew, and shows the newest reason.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn park(&self, parked: Parked) -> Result<(), LogError>;
}

/// The name of a parked message: who could not handle it, and where it stands, such as `saga.17`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeadLetterId {
    /// Who could not handle it.
    pub consumer: String,
    /// Where it stands.
    pub sequence: Sequence,
}

/// A parked message, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message.
    pub parked: Parked,
    /// When it was parked last.
    pub parked_at: Timestamp,
    /// What an operator decided; nothing while it waits.
    pub settled: Option<Settlement>,
    /// Which record of the dead letters says so: a decision is made on what was seen, or not at all.
    pub record: Sequence,
}

impl DeadLetter {
    /// Its name.
    pub fn id(&self) -> DeadLetterId {
        DeadLetterId {
            consumer: self.parked.consumer.clone(),
            sequence: self.parked.sequence,
        }
    }
}

/// What an operator decided, who it was, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What.
    pub verdict: Verdict,
    /// Who.
    pub by: ActorId,
    /// When the log recorded it.
    pub at: Timestamp,
}

/// What becomes of a parked message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its order is tried again.
    Retried,
    /// It is not to be handled any more.
    Discarded {
        /// Why.
        reason: Reason,
    },
}

/// A part of the list of parked messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterPage {
    /// The messages, in the order of their latest records.
    pub letters: Vec<DeadLetter>,
    /// Where the next part begins; nothing at the end.
    pub next: Option<Sequence>,
}

/// The parked messages, as an operator sees them.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The messages whose latest record stands after `after`, at most `limit` of them. A part may be short, or empty, and
    /// yet have a next one.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn list(&self, after: Sequence, limit: usize) -> Result<DeadLetterPage, LogError>;

    /// One of them.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn find(&self, id: &DeadLetterId) -> Result<Option<DeadLetter>, LogError>;

    /// Records what an operator decided on it. `false` if it is not as it was seen any more: look again.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn settle(
        &self,
        letter: &DeadLetter,
        verdict: Verdict,
        by: &ActorId,
    ) -> Result<bool, LogError>;
}
