//! Applying messages: a chunk of the log becomes one atomic batch of rows, places, counts and checkpoint.
//!
//! Invariant: a change is told to nobody before it is in the tree. A view that is built beside this one takes in the same batch
//! before the next one begins, and its failure is not this one's.

use std::sync::Arc;

use ordertrace_domain::{FeedItem, Sequence};
use tokio::sync::broadcast;

use super::{
    Shared, StoreError, Update, ViewStore,
    chunk::{Audience, Chunk},
    generation::Generation,
    progress::Progress,
};
use crate::ViewStatus;

impl ViewStore {
    /// Applies the messages that follow on the view's position, all or none, and announces the new position.
    ///
    /// # Errors
    /// See [`StoreError`]. The view then stands where it stood, and is stopped.
    pub fn commit(&self, items: &[FeedItem]) -> Result<Sequence, StoreError> {
        let mut beside = self.shared.turn.take_for_batch();
        let progress = self.attempt(|view| view.commit(items, Some(&self.shared.live)))?;
        self.shared.announce(&progress);
        beside.take_in(items);
        Ok(progress.sequence)
    }
}

impl Generation {
    /// Applies the messages that follow, all or none, and tells those who watch what has changed. With nobody to watch it keeps
    /// to itself, too, what an operator would have to know.
    pub(super) fn commit(
        &self,
        items: &[FeedItem],
        live: Option<&broadcast::Sender<Arc<Update>>>,
    ) -> Result<Progress, StoreError> {
        let audience = match live {
            None => Audience::Nobody,
            Some(live) if live.receiver_count() == 0 => Audience::Operators,
            Some(_) => Audience::Watchers,
        };
        let mut progress = self.writer();
        let mut chunk = Chunk::new(self, *progress, audience);
        for item in items {
            chunk.add(item)?;
        }
        let (batch, after, updates) = chunk.finish()?;
        if after.sequence > progress.sequence {
            self.tree.apply_batch(batch)?;
            *progress = after;
        }
        if let Some(live) = live {
            for update in updates {
                // Nobody may be watching any more.
                let _ = live.send(Arc::new(update));
            }
        }
        Ok(after)
    }
}

impl Shared {
    fn announce(&self, progress: &Progress) {
        self.status.send_if_modified(|status| {
            let is_later = progress.sequence > status.position.sequence;
            if is_later {
                self.update(status, progress);
            }
            is_later
        });
    }

    pub(super) fn update(&self, status: &mut ViewStatus, progress: &Progress) {
        status.position = progress.position();
        status.head_at_start_reached |= progress.sequence >= self.head_at_start.sequence;
        status.quarantined = progress.counts.quarantined;
        status.strays = progress.counts.strays;
    }
}
