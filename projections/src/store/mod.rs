//! The view on disk: one row an order, the listings, the indexes, the timelines, the counts and the checkpoint in one sled tree.
//!
//! Invariant: rows and checkpoint change together, in one atomic batch, so that the tree is always the fold of the log up
//! to its checkpoint. Bytes that make no sense stop the view; they are never served, and never mended.
//!
//! What it deliberately does not do: it promises no durability. sled's `flush` is no fsync on Linux, and a crash may
//! take the view back to an earlier checkpoint. That loses nothing: the log is the truth, and the runner goes on from
//! whatever checkpoint is there.

mod beside;
mod chunk;
mod commit;
mod compare;
mod damage;
mod digest;
mod error;
mod fields;
mod find;
mod folders;
mod generation;
mod key;
mod layout;
mod live;
mod lock;
mod marks;
mod numbers;
mod open;
mod page;
mod places;
mod postings;
mod progress;
mod set_aside;
mod shown;
mod stats;
mod successor;
mod timeline;
mod unfinished;
mod value;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use ordertrace_domain::{OrderId, Position};
use tokio::sync::{broadcast, watch};

use crate::{Halt, Record, ViewStatus};
use beside::Turn;
use damage::Damages;
use generation::Generation;
use lock::FolderLock;

pub use compare::{Comparison, DIFFERENCES_SHOWN_MAX, Difference, Side};
pub use digest::Digest;
pub use error::{OpenError, StoreError, Unfit};
pub use find::{Direction, Found, Search};
pub use layout::REVISION;
pub use live::{UPDATES_HELD_MAX, Update, Watch};
pub use open::OpenOptions;
pub use page::{Entry, ListingPage};
pub use progress::Counts;
pub use set_aside::SetAside;
pub use stats::HourCounts;
pub use unfinished::UnfinishedPage;

pub(crate) use compare::Comparing;
pub(crate) use successor::{Level, Successor};

/// The view of one process. Its clones are the same view.
///
/// All calls that read or write it block on the disk: keep them off the async threads.
#[derive(Clone)]
pub struct ViewStore {
    shared: Arc<Shared>,
}

struct Shared {
    /// The folder that all of this is in.
    folder: PathBuf,
    /// Which revision of `apply` this program has.
    revision: u32,
    /// What answers queries.
    view: RwLock<Arc<Generation>>,
    /// Whose turn it is to write the view, or to stop others from that; and what is written beside it.
    turn: Turn,
    status: watch::Sender<ViewStatus>,
    /// Tells each change to those who watch.
    live: broadcast::Sender<Arc<Update>>,
    head_at_start: Position,
    damages: Damages,
    set_aside: Option<SetAside>,
    /// Released last, after sled has closed its files.
    _lock: FolderLock,
}

/// A key with its value, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The key.
    pub key: Vec<u8>,
    /// The value, with its format and its checksum.
    pub value: Vec<u8>,
}

/// A view in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// How far it has come.
    pub position: Position,
    /// Which revision of `apply` made it.
    pub revision: u32,
    /// What is counted.
    pub counts: Counts,
    /// The digest of all rows.
    pub digest: Digest,
}

impl ViewStore {
    /// How far the view has come, at this moment.
    pub fn status(&self) -> ViewStatus {
        self.shared.status.borrow().clone()
    }

    /// How far the view has come, from now on.
    pub fn watch_status(&self) -> watch::Receiver<ViewStatus> {
        self.shared.status.subscribe()
    }

    /// The folder that was set aside when this view was opened, if one was.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.shared.set_aside.as_ref()
    }

    /// What is known of an order; `None` if the log up to the view's position has no message of it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn record(&self, order: OrderId) -> Result<Option<Record>, StoreError> {
        self.attempt(|view| view.record(order))
    }

    /// Which revision of `apply` the view was made by.
    pub fn revision(&self) -> u32 {
        self.view().revision
    }

    /// The digest of all rows, and the position it is of.
    pub fn digest(&self) -> (Position, Digest) {
        let summary = self.summary();
        (summary.position, summary.digest)
    }

    /// The view in numbers, all of one position. It needs no look at the disk, so it is there of a view that has stopped, too.
    pub fn summary(&self) -> Summary {
        let view = self.view();
        let progress = *view.writer();
        Summary {
            position: progress.position(),
            revision: view.revision,
            counts: progress.counts,
            digest: progress.digest,
        }
    }

    /// Every key with its value, in the order of the keys: what is compared to tell whether two views are equal.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn contents(&self) -> Result<Vec<Stored>, StoreError> {
        self.attempt(Generation::contents)
    }

    /// Hands all that is written to the operating system. It shortens what a killed process has to apply again, and is
    /// no promise beyond that.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn flush(&self) -> Result<(), StoreError> {
        self.attempt(Generation::flush)
    }

    /// Stops the view for good: queries are refused from now on. The first reason stays.
    pub(crate) fn halt(&self, halt: Halt) {
        self.shared.status.send_if_modified(|status| {
            let is_first = status.halted.is_none();
            status.halted.get_or_insert(halt);
            is_first
        });
    }

    /// Runs an operation on the tree. sled panics on some damage, so a panic counts as damage; whatever failed, the view
    /// stops, because nobody knows what else is wrong with it.
    fn attempt<T>(
        &self,
        operation: impl FnOnce(&Generation) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let view = self.view();
        let result = damage::catch(|| operation(&view));
        if let Err(error) = &result {
            self.stop_for(&view, error);
        }
        result
    }

    /// Stops the view for what is wrong with it, unless another has taken its place meanwhile: that one is whole.
    fn stop_for(&self, view: &Arc<Generation>, error: &StoreError) {
        if !Arc::ptr_eq(view, &self.view()) {
            return;
        }
        if let StoreError::Damaged(what) = error {
            self.shared.damages.remember(what);
        }
        self.halt(error.into());
    }

    /// What answers queries at this moment.
    fn view(&self) -> Arc<Generation> {
        let view = self.shared.view.read();
        view.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
