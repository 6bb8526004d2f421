//! Opening a view: its folder is gone on with, or set aside for a fresh one.
//!
//! Invariant: whatever was in the folder, an opened view is a fold of a prefix of this log. sled is never let loose on a
//! folder that is not ours.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, RwLock},
    thread,
    time::{Duration, Instant},
};

use ordertrace_domain::{Clock, Position};
use tokio::sync::{broadcast, watch};

use super::{
    OpenError, SetAside, Shared, StoreError, UPDATES_HELD_MAX, Unfit, ViewStore,
    beside::Turn,
    damage::{self, Damages},
    folders::{self, SledFolder},
    generation::Generation,
    layout::{Checked, REVISION, check},
    lock::{FolderLock, LOCK_RETRY_WAIT, LOCK_WAIT_MAX},
    set_aside::set_aside,
};
use crate::ViewStatus;

/// What the file says by which a folder is known as ours.
const MARK_TEXT: &str =
    "An Ordertrace view. It can be removed at any time: it is built anew from the event log.\n";

/// The name of that file.
const MARK: &str = "ordertrace-view";

/// The most memory sled may hold pages in. The whole process has to stay below 300 MB with a million orders.
const CACHE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The same for a view that is built beside it. While it is, the process takes more than that: `docs/performance.md`.
pub(super) const CACHE_BYTES_BESIDE_MAX: u64 = 48 * 1024 * 1024;

/// How often sled writes out what it holds, in a thread of its own: the most work that a kill makes us do again.
const FLUSH_INTERVAL_MS: u64 = 500;

/// How a view is opened.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// How long to wait while another process has the folder.
    pub lock_wait_max: Duration,
    /// Which revision of `apply` the program has: another than [`REVISION`] only where a test plays another program.
    pub revision: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            lock_wait_max: LOCK_WAIT_MAX,
            revision: REVISION,
        }
    }
}

/// Why a folder was not opened.
enum Failure {
    /// To be set aside.
    Unfit(Unfit),
    /// To be left alone.
    Fatal(OpenError),
}

impl ViewStore {
    /// Opens the view of the log that ends at `head`. A folder that can't be gone on with is set aside, for one of the
    /// reasons in [`Unfit`], and the view begins anew. `clock` dates the name of such a folder.
    ///
    /// It blocks, for up to half a minute while another process has the folder.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(folder: &Path, head: Position, clock: &dyn Clock) -> Result<Self, OpenError> {
        Self::open_with(folder, head, clock, OpenOptions::default())
    }

    /// Opens the view as [`Self::open`] does, with other options.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_with(
        folder: &Path,
        head: Position,
        clock: &dyn Clock,
        options: OpenOptions,
    ) -> Result<Self, OpenError> {
        let deadline = Instant::now() + options.lock_wait_max;
        let lock = FolderLock::take(folder, deadline)?;
        let open = || open_fit(folder, head, deadline, options.revision);
        let (view, set_aside) = match open() {
            Ok(view) => (view, None),
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Unfit(reason)) => {
                let moved = set_aside(folder, reason, clock.now());
                let moved = moved.map_err(|source| failed(folder, source))?;
                let view = open().map_err(|failure| not_even_fresh(folder, failure))?;
                (view, Some(moved))
            }
        };
        Ok(Self::new(
            folder,
            head,
            options.revision,
            view,
            set_aside,
            lock,
        ))
    }

    fn new(
        folder: &Path,
        head: Position,
        revision: u32,
        view: Generation,
        set_aside: Option<SetAside>,
        lock: FolderLock,
    ) -> Self {
        let progress = *view.writer();
        let status = ViewStatus {
            position: progress.position(),
            head_at_start_reached: progress.sequence >= head.sequence,
            replacements: 0,
            replaced_at: None,
            halted: None,
            quarantined: progress.counts.quarantined,
            strays: progress.counts.strays,
        };
        Self {
            shared: Arc::new(Shared {
                folder: folder.to_owned(),
                revision,
                turn: Turn::new(view.folder.number),
                view: RwLock::new(Arc::new(view)),
                status: watch::Sender::new(status),
                live: broadcast::Sender::new(UPDATES_HELD_MAX),
                head_at_start: head,
                damages: Damages::of(folder),
                set_aside,
                _lock: lock,
            }),
        }
    }
}

fn failed(folder: &Path, source: io::Error) -> OpenError {
    OpenError::Folder {
        folder: folder.to_owned(),
        source,
    }
}

/// Whether a folder is a view of this program, of whatever version.
pub(super) fn is_ours(folder: &Path) -> io::Result<bool> {
    folder.join(MARK).try_exists()
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

fn not_even_fresh(folder: &Path, failure: Failure) -> OpenError {
    match failure {
        Failure::Fatal(error) => error,
        Failure::Unfit(unfit) => OpenError::Fresh {
            folder: folder.to_owned(),
            unfit,
        },
    }
}

fn open_fit(
    folder: &Path,
    head: Position,
    deadline: Instant,
    revision: u32,
) -> Result<Generation, Failure> {
    let fatal = |source| Failure::Fatal(failed(folder, source));
    prepare(folder).map_err(fatal)?.map_err(Failure::Unfit)?;
    if let Some(what) = Damages::of(folder).found_before().map_err(fatal)? {
        return Err(Failure::Unfit(Unfit::Damaged(what)));
    }
    let damaged = |what| Failure::Unfit(Unfit::Damaged(what));
    let number = folders::current(folder).map_err(fatal)?;
    let number = number.ok_or_else(|| damaged("nothing of it is pointed to".to_owned()))?;
    folders::remove_leftovers(folder, number).map_err(fatal)?;
    let folder_of_tree = SledFolder::of(folder, number);
    let failure = |error| match error {
        StoreError::Storage(source) => fatal(source),
        error => damaged(error.to_string()),
    };
    let tree = open_sled(folder_of_tree.path(), CACHE_BYTES_MAX, deadline).map_err(failure)?;
    let checked = damage::catch(|| check(&tree, head, revision)).map_err(failure)?;
    let Checked { revision, progress } = checked.map_err(Failure::Unfit)?;
    Ok(Generation::new(folder_of_tree, tree, revision, progress))
}

/// Makes the folder, or looks whether the one that is there is ours.
fn prepare(folder: &Path) -> io::Result<Result<(), Unfit>> {
    fs::create_dir_all(folder)?;
    if is_ours(folder)? {
        return Ok(Ok(()));
    }
    if !is_empty(folder)? {
        return Ok(Err(Unfit::Foreign));
    }
    fs::write(folder.join(MARK), MARK_TEXT).map(Ok)
}

/// Our own lock is held, so whatever keeps sled from its files passes, such as a thread of a view that was just closed.
pub(super) fn open_sled(
    folder: &Path,
    cache_bytes_max: u64,
    deadline: Instant,
) -> Result<sled::Db, StoreError> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(cache_bytes_max)
        .flush_every_ms(Some(FLUSH_INTERVAL_MS));
    loop {
        match damage::catch(|| Ok(config.open()?)) {
            Err(StoreError::Storage(_)) if Instant::now() < deadline => {
                thread::sleep(LOCK_RETRY_WAIT);
            }
            opened => return opened,
        }
    }
}
