//! The durable queue of work that the saga takes from.

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{FeedError, FiredTimer, LogError, RecordedEvent, UnreadableEvent};
use crate::Shard;

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
