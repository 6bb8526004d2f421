//! The log from first to last.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::{MemoryLog, Shared};
use crate::{EventFeed, FeedError, FeedItem, Incarnation, LogError, Sequence};

#[async_trait]
impl EventFeed for MemoryLog {
    fn incarnation(&self) -> Incarnation {
        self.shared.incarnation
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        Ok(self.shared.answering()?.head())
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        let start = Some((Arc::clone(&self.shared), after));
        let feed = stream::unfold(start, |state| async {
            let (shared, after) = state?;
            let next = shared.next_message(after).await;
            // After an error there is nothing more.
            let state = next.as_ref().ok().map(|item| (shared, item.sequence()));
            Some((next, state))
        });
        feed.boxed()
    }
}

impl Shared {
    async fn next_message(&self, after: Sequence) -> Result<FeedItem, FeedError> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(item) = self.ready_message(after)? {
                return Ok(item);
            }
            // It fails only when the sender is gone, and `self` holds it.
            let _ = changes.changed().await;
        }
    }

    fn ready_message(&self, after: Sequence) -> Result<Option<FeedItem>, FeedError> {
        let store = match self.answering() {
            Ok(store) => store,
            Err(LogError::Recreated) => return Err(FeedError::Recreated),
            Err(LogError::Unavailable(_) | LogError::Broken(_)) => return Ok(None),
        };
        if store.head() < after {
            return Err(FeedError::Recreated);
        }
        let Some(item) = store.next_after(after) else {
            return Ok(None);
        };
        let (expected, found) = (after.next(), item.sequence());
        if expected == found {
            Ok(Some(item))
        } else {
            Err(FeedError::Gap { expected, found })
        }
    }
}
