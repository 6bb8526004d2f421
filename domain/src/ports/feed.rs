//! The log from first to last, as projections and audits read it.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::LogError;
use crate::{DecodeError, Incarnation, OrderId, Sequence, StoredEvent, Timestamp};

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
    #[error("the event stream was deleted or re-created: it is another log now")]
    Recreated,
    /// Messages are gone that nothing of ours deletes: the log was tampered with or damaged.
    #[error("the log has a gap: expected a message at {expected}, the next one is at {found}")]
    Gap {
        /// The sequence that is missing.
        expected: Sequence,
        /// The next one there is; where the next one will be, if the end of the log is missing.
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
