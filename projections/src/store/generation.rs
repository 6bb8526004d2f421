//! One fold of the log, in a sled folder of its own. The view that answers queries is one of them; a rebuild makes the next.
//!
//! Invariant: rows, indexes, counts, digest and checkpoint change together, in one atomic batch. A generation knows neither who
//! asks nor who watches, and stops nothing when it fails: whoever holds it does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ordertrace_domain::OrderId;

use super::{StoreError, Stored, folders::SledFolder, key, progress::Progress, value};
use crate::Record;

/// A fold of the log.
pub(super) struct Generation {
    pub(super) tree: sled::Db,
    /// What `apply` made of events when it was begun.
    pub(super) revision: u32,
    /// What the last batch has left behind; held while the next one is made, so that there is one writer.
    progress: Mutex<Progress>,
    /// Where it is, to be removed with it once it has no more use. Dropped last, after sled has closed its files.
    pub(super) folder: SledFolder,
}

impl Generation {
    pub(super) fn new(
        folder: SledFolder,
        tree: sled::Db,
        revision: u32,
        progress: Progress,
    ) -> Self {
        folder.is_used();
        Self {
            tree,
            revision,
            progress: Mutex::new(progress),
            folder,
        }
    }

    /// The one place from which it is written: nothing changes while this is held.
    pub(super) fn writer(&self) -> MutexGuard<'_, Progress> {
        // A writer that panicked has not changed the progress, and whoever holds the view has stopped it.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checkpoint and the counts as they stand in the tree.
    pub(super) fn progress(&self) -> Result<Progress, StoreError> {
        Progress::read(&self.tree)
    }

    pub(super) fn record(&self, order: OrderId) -> Result<Option<Record>, StoreError> {
        let key = key::record(order);
        let value = self.tree.get(key)?;
        value.map(|value| value::open(&key, &value)).transpose()
    }

    pub(super) fn contents(&self) -> Result<Vec<Stored>, StoreError> {
        let entries = self.tree.iter().map(|entry| {
            let (key, value) = entry?;
            Ok(Stored {
                key: key.to_vec(),
                value: value.to_vec(),
            })
        });
        entries.collect()
    }

    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.tree.flush()?;
        Ok(())
    }
}
