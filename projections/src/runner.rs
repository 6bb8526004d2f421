//! The runner: follows the log from the view's checkpoint and commits what comes, for as long as the process lives.
//!
//! Invariant: the view only ever moves forward along its own log. A log that was re-created or has a gap stops it, and
//! with it the process's readiness. It decides nothing: what a message means is [`crate::apply`]'s to say.

use std::sync::Arc;

use futures::{StreamExt, stream::BoxStream};
use ordertrace_domain::{EventFeed, FeedError, FeedItem};
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::{Halt, ViewStatus, ViewStore, meter::Watch};

/// The most messages that become one batch. More would hold queries up for longer, and fewer would rebuild more slowly;
/// at 64 KiB a message, the most there is, a chunk still fits into memory.
pub const CHUNK_ITEMS_MAX: usize = 1_000;

/// Why the runner has stopped. The process should end, or start its projections anew.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The view has stopped for good; queries are refused. [`Halt`] says what the next start does about it.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// The runtime is shutting down and took the work away. The next start goes on from the checkpoint.
    #[error("the work was interrupted by the end of the process")]
    Interrupted,
}

/// Follows the log for one view.
pub struct Projector {
    store: ViewStore,
}

/// A stretch of the log, and the error that ended the feed, if one did.
pub(crate) struct Chunk {
    pub(crate) items: Vec<FeedItem>,
    pub(crate) end: Option<FeedError>,
}

impl Projector {
    /// Follows the log from the view's position until `shutdown`; the view is flushed then.
    ///
    /// # Errors
    /// See [`ProjectionError`]. The view is stopped before, so that queries are refused.
    pub async fn run(
        feed: Arc<dyn EventFeed>,
        store: ViewStore,
        shutdown: CancellationToken,
    ) -> Result<(), ProjectionError> {
        let projector = Self { store };
        let result = projector.follow(feed.as_ref(), &shutdown).await;
        if let Err(ProjectionError::Halted(halt)) = &result {
            projector.store.halt(halt.clone());
        }
        result
    }

    async fn follow(
        &self,
        feed: &dyn EventFeed,
        shutdown: &CancellationToken,
    ) -> Result<(), ProjectionError> {
        let position = self.store.status().position;
        if feed.incarnation() != position.incarnation {
            return Err(Halt::Recreated.into());
        }
        let mut status = self.store.watch_status();
        let mut chunks = chunks(feed.follow(position.sequence));
        loop {
            let chunk = tokio::select! {
                biased;
                () = shutdown.cancelled() => return self.flush().await,
                halt = halted(&mut status) => return Err(halt.into()),
                chunk = chunks.next() => chunk.ok_or(Halt::FeedEnded)?,
            };
            self.commit(chunk.items).await?;
            if let Some(error) = chunk.end {
                return Err(Halt::from(error).into());
            }
        }
    }

    async fn commit(&self, items: Vec<FeedItem>) -> Result<(), ProjectionError> {
        let store = self.store.clone();
        // Catching up is told by the position, not by a span for each event of the past.
        let is_level = store.status().head_at_start_reached;
        let watch = Watch::start(&items, is_level);
        let committed = spawn_blocking(move || store.commit(&items)).await;
        let committed = committed.map_err(|_| ProjectionError::Interrupted)?;
        watch.end();
        committed.map_err(|error| Halt::from(&error))?;
        Ok(())
    }

    async fn flush(&self) -> Result<(), ProjectionError> {
        let store = self.store.clone();
        let flushed = spawn_blocking(move || store.flush()).await;
        let flushed = flushed.map_err(|_| ProjectionError::Interrupted)?;
        Ok(flushed.map_err(|error| Halt::from(&error))?)
    }
}

/// What is ready, in chunks: a lone event is committed at once, a backlog in large batches.
pub(crate) fn chunks(
    feed: BoxStream<'static, Result<FeedItem, FeedError>>,
) -> impl futures::Stream<Item = Chunk> {
    feed.ready_chunks(CHUNK_ITEMS_MAX).map(|ready| {
        let mut items = Vec::with_capacity(ready.len());
        for item in ready {
            match item {
                Ok(item) => items.push(item),
                Err(error) => {
                    let end = Some(error);
                    return Chunk { items, end };
                }
            }
        }
        Chunk { items, end: None }
    })
}

/// Why the view has stopped, as soon as it has: a query may have come upon damage.
async fn halted(status: &mut watch::Receiver<ViewStatus>) -> Halt {
    loop {
        if let Some(halt) = status.borrow_and_update().halted.clone() {
            return halt;
        }
        if status.changed().await.is_err() {
            // Nobody can stop the view any more: the sender is gone, and with it the store.
            std::future::pending::<()>().await;
        }
    }
}
