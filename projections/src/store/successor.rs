//! The view that may succeed the one that answers: built beside it, brought level with it, and put in its place.
//!
//! Invariant: the view that answers is untouched until the switch, and stands at the same position right after it. A successor
//! that is given up, at whatever point, takes its folder along. There is one at a time: whoever rebuilds sees to that.

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use ordertrace_domain::{FeedItem, Position, Sequence};

use super::{
    StoreError, ViewStore, damage,
    folders::{self, SledFolder},
    generation::Generation,
    layout::begin,
    open::{CACHE_BYTES_BESIDE_MAX, open_sled},
};
use crate::CHUNK_ITEMS_MAX;

/// How far behind a successor may be when what the view takes in begins to be kept for it.
const NEARLY_LEVEL: u64 = CHUNK_ITEMS_MAX as u64;

/// A view on its way to succeed another.
pub(crate) struct Successor {
    generation: Arc<Generation>,
    /// Dropped last, and the lock on the folder with it.
    pub(super) store: ViewStore,
}

/// Whether a successor has come level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// It has, and takes in what the view takes in from now on.
    Reached,
    /// It needs to be given more of the log.
    Behind,
    /// The view has to come here first.
    Ahead(Sequence),
}

impl ViewStore {
    /// Which revision this program makes.
    pub(crate) fn revision_wanted(&self) -> u32 {
        self.shared.revision
    }

    /// Begins a successor, of this program's revision, in a folder of its own.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(crate) fn begin_successor(&self) -> Result<Successor, StoreError> {
        let number = self.shared.turn.take().next_number();
        let folder = SledFolder::fresh(&self.shared.folder, number).map_err(StoreError::Storage)?;
        // Until it is switched to.
        folder.retire();
        let revision = self.revision_wanted();
        let incarnation = self.status().position.incarnation;
        let generation = damage::catch(|| {
            let tree = open_sled(folder.path(), CACHE_BYTES_BESIDE_MAX, Instant::now())?;
            let checked = begin(&tree, incarnation, revision)?;
            Ok(Generation::new(folder, tree, revision, checked.progress))
        })?;
        Ok(Successor {
            generation: Arc::new(generation),
            store: self.clone(),
        })
    }

    /// Whether a batch waits for whoever compares.
    pub(crate) fn is_batch_waiting(&self) -> bool {
        self.shared.turn.is_wanted()
    }
}

impl Successor {
    /// Which revision it is of.
    pub(crate) fn revision(&self) -> u32 {
        self.generation.revision
    }

    /// How far it has come.
    pub(crate) fn position(&self) -> Position {
        self.generation.writer().position()
    }

    pub(super) fn generation(&self) -> &Generation {
        &self.generation
    }

    /// Takes in the messages that follow, as long as it is not level.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(crate) fn commit(&self, items: &[FeedItem]) -> Result<(), StoreError> {
        damage::catch(|| self.generation.commit(items, None))?;
        Ok(())
    }

    /// Joins the view, if it is level with it once it was handed what the view took in meanwhile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(crate) fn come_level(&self) -> Result<Level, StoreError> {
        let at = self.position().sequence;
        let view_at = self.store.status().position.sequence;
        if view_at.get().saturating_sub(at.get()) > NEARLY_LEVEL {
            return Ok(Level::Behind);
        }
        let mut beside = self.store.shared.turn.take();
        let view_at = self.store.view().writer().sequence;
        beside.keep_since(view_at);
        if at > view_at {
            return Ok(Level::Ahead(at));
        }
        let Some(tail) = beside.tail_after(at) else {
            return Ok(Level::Behind);
        };
        for chunk in tail.chunks(CHUNK_ITEMS_MAX) {
            self.commit(chunk)?;
        }
        beside.join(self.generation.clone());
        Ok(Level::Reached)
    }

    /// Puts it in the view's place. Queries under way are answered by the view that was. `is_equal` is whether nobody can see
    /// any difference.
    ///
    /// # Errors
    /// See [`StoreError`]. Nothing has changed then.
    pub(crate) fn switch(&self, is_equal: bool) -> Result<(), StoreError> {
        // What takes long is done before anybody has to wait for it,
        self.write_out()?;
        let before = self.take_over(is_equal)?;
        // or after that: with its last user go gigabytes.
        drop(before);
        Ok(())
    }

    /// Has the disk hold what the pointer is to name.
    fn write_out(&self) -> Result<(), StoreError> {
        damage::catch(|| self.generation.flush())?;
        let folder = &self.generation.folder;
        folder.sync().map_err(StoreError::Storage)
    }

    /// Answers from now on, and gives what answered before.
    fn take_over(&self, is_equal: bool) -> Result<Arc<Generation>, StoreError> {
        let shared = &self.store.shared;
        let mut beside = shared.turn.take();
        beside.check_joined()?;
        self.write_out()?;
        tracing::debug!(rebuild.step = "flushed", "the next view is written out");
        let number = self.generation.folder.number;
        folders::point_to(&shared.folder, number).map_err(StoreError::Storage)?;
        self.generation.folder.keep();
        let next = self.generation.clone();
        let before = {
            let mut view = shared.view.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *view, next)
        };
        before.folder.retire();
        beside.clear();
        let progress = *self.generation.writer();
        shared.status.send_modify(|status| {
            shared.update(status, &progress);
            if !is_equal {
                status.replacements += 1;
                status.replaced_at = Some(progress.sequence);
            }
        });
        tracing::debug!(rebuild.step = "switched", "the next view answers");
        Ok(before)
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        self.store.shared.turn.take().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::{Incarnation, testing::ManualClock};
    use std::{io, path::Path, sync::Mutex};

    fn fresh_view(folder: &Path) -> ViewStore {
        let head = Position {
            incarnation: Incarnation::from_created_nanos(1),
            sequence: Sequence::START,
        };
        ViewStore::open(&folder.join("view"), head, &ManualClock::new()).unwrap()
    }

    #[test]
    fn what_is_wrong_with_a_view_that_was_replaced_does_not_stop_the_one_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let store = fresh_view(folder.path());
        let before = store.view();
        let successor = store.begin_successor().unwrap();
        assert_eq!(successor.come_level().unwrap(), Level::Reached);
        successor.switch(true).unwrap();
        drop(successor);
        assert!(before.folder.path().exists(), "a query still has it");
        let damage = StoreError::Damaged("as found by that query".to_owned());
        store.stop_for(&before, &damage);
        assert!(store.status().is_ready());
        let path = before.folder.path().to_owned();
        drop(before);
        assert!(!path.exists(), "nobody has it any more");
        store.stop_for(&store.view(), &damage);
        assert!(!store.status().is_ready());
    }

    /// A log that notes, when certain words are written to it, whether batches could be written at that moment.
    #[derive(Clone)]
    struct TurnAt {
        words: &'static str,
        store: ViewStore,
        was_free: Arc<Mutex<Option<bool>>>,
    }

    impl io::Write for TurnAt {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if String::from_utf8_lossy(bytes).contains(self.words) {
                *self.was_free.lock().unwrap() = Some(self.store.shared.turn.is_free());
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_while_the_folder_that_was_replaced_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = fresh_view(folder.path());
        let successor = store.begin_successor().unwrap();
        assert_eq!(successor.come_level().unwrap(), Level::Reached);
        let log = TurnAt {
            words: "a folder without use is removed",
            store: store.clone(),
            was_free: Arc::default(),
        };
        let (written, second) = (log.clone(), tracing_subscriber::fmt().finish());
        // With two of them `tracing` asks both whether a line is wanted, whichever thread came to it first.
        let _second = tracing::Dispatch::new(second);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::level_filters::LevelFilter::DEBUG)
            .with_writer(move || written.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || successor.switch(true)).unwrap();
        assert_eq!(*log.was_free.lock().unwrap(), Some(true));
    }
}
