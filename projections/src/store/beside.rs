//! The view that is built beside the one that answers, from the moment at which both have come equally far.
//!
//! Invariant: whoever has the [`Turn`] finds both at the same position, once they have joined. What goes wrong with the next view
//! is kept for whoever builds it, and never touches the one that answers.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use ordertrace_domain::{FeedItem, Sequence};

use super::{StoreError, damage, folders::FolderNumber, generation::Generation};
use crate::CHUNK_ITEMS_MAX;

/// The most messages that are kept for the next view while it comes level: two chunks, of which one is what it may be behind.
/// More of them would have the view wait for longer when it is handed them.
const TAIL_ITEMS_MAX: usize = 2 * CHUNK_ITEMS_MAX;

/// Taken by each batch and by whoever compares, one after the other.
pub(super) struct Turn {
    beside: Mutex<Beside>,
    /// How many batches wait for it.
    batches_waiting: AtomicUsize,
}

/// What there is beside the view.
pub(super) struct Beside {
    next: Next,
    /// The folder that was used last.
    number: FolderNumber,
}

enum Next {
    /// None, or one that is far behind.
    Nothing,
    /// One that is almost level: it is handed what the view has taken in since.
    Catching {
        since: Sequence,
        tail: Vec<FeedItem>,
    },
    /// One that is level, and takes in what the view takes in.
    Joined(Arc<Generation>),
    /// It could not take in what the view took in.
    Failed(StoreError),
}

impl Turn {
    pub(super) const fn new(number: FolderNumber) -> Self {
        Self {
            beside: Mutex::new(Beside {
                next: Next::Nothing,
                number,
            }),
            batches_waiting: AtomicUsize::new(0),
        }
    }

    pub(super) fn take(&self) -> MutexGuard<'_, Beside> {
        // Whoever panicked has left either view with its last batch whole or without it; that of the view is caught before.
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes it for a batch.
    pub(super) fn take_for_batch(&self) -> MutexGuard<'_, Beside> {
        self.batches_waiting.fetch_add(1, Ordering::AcqRel);
        let beside = self.take();
        self.batches_waiting.fetch_sub(1, Ordering::AcqRel);
        beside
    }

    /// Whether nobody has it.
    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        self.beside.try_lock().is_ok()
    }

    /// Whether a batch waits for it: then it is not for others to take.
    pub(super) fn is_wanted(&self) -> bool {
        self.batches_waiting.load(Ordering::Acquire) > 0
    }
}

impl Beside {
    /// A folder for the next view.
    pub(super) const fn next_number(&mut self) -> FolderNumber {
        self.number = self.number.next();
        self.number
    }

    /// The view has taken in these messages.
    pub(super) fn take_in(&mut self, items: &[FeedItem]) {
        match &mut self.next {
            Next::Nothing | Next::Failed(_) => {}
            Next::Catching { tail, .. } if tail.len() + items.len() <= TAIL_ITEMS_MAX => {
                tail.extend_from_slice(items);
            }
            Next::Catching { .. } => self.next = Next::Nothing,
            Next::Joined(next) => {
                if let Err(error) = damage::catch(|| next.commit(items, None)) {
                    self.next = Next::Failed(error);
                }
            }
        }
    }

    /// Begins to keep what the view takes in after `since`, unless that is being done.
    pub(super) fn keep_since(&mut self, since: Sequence) {
        if matches!(self.next, Next::Nothing) {
            let tail = Vec::new();
            self.next = Next::Catching { since, tail };
        }
    }

    /// What was kept, if nothing is missing of it after `at`.
    pub(super) fn tail_after(&self, at: Sequence) -> Option<&[FeedItem]> {
        match &self.next {
            Next::Catching { since, tail } if at >= *since => Some(tail),
            Next::Catching { .. } | Next::Nothing | Next::Joined(_) | Next::Failed(_) => None,
        }
    }

    /// The next view is level.
    pub(super) fn join(&mut self, next: Arc<Generation>) {
        self.next = Next::Joined(next);
    }

    /// Whether the next view has stayed level.
    ///
    /// # Errors
    /// Why it has not.
    pub(super) fn check_joined(&mut self) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Failed(error) => Err(error),
            Next::Nothing | Next::Catching { .. } => Err(StoreError::Damaged(
                "the next view has not come level".to_owned(),
            )),
            joined @ Next::Joined(_) => {
                self.next = joined;
                Ok(())
            }
        }
    }

    /// There is no next view any more.
    pub(super) fn clear(&mut self) {
        self.next = Next::Nothing;
    }
}
