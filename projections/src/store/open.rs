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
    damage::{self, Damages},
    generation::Generation,
    layout::{REVISION, check},
    lock::{FolderLock, LOCK_RETRY_WAIT, LOCK_WAIT_MAX},
    set_aside::set_aside,
};
use crate::ViewStatus;

/// What the file says by which a folder is known as ours.
const MARK_TEXT: &str =
    "An Ordertrace view. It can be removed at any time: it is built anew from the event log.\n";

/// The name of that file.
const MARK: &str = "ordertrace-view";

/// The folder inside, which is sled's alone.
const SLED_FOLDER: &str = "sled";

/// The most memory sled may hold pages in. The whole process has to stay below 300 MB with a million orders.
const CACHE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How often sled writes out what it holds, in a thread of its own: the most work that a kill makes us do again.
const FLUSH_INTERVAL_MS: u64 = 500;

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
        Self::open_within(folder, head, clock, LOCK_WAIT_MAX)
    }

    /// Opens the view as [`Self::open`] does, and waits no longer than this while another process has the folder.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_within(
        folder: &Path,
        head: Position,
        clock: &dyn Clock,
        lock_wait_max: Duration,
    ) -> Result<Self, OpenError> {
        let deadline = Instant::now() + lock_wait_max;
        let lock = FolderLock::take(folder, deadline)?;
        let (view, set_aside) = match open_fit(folder, head, deadline) {
            Ok(view) => (view, None),
            Err(Failure::Fatal(error)) => return Err(error),
            Err(Failure::Unfit(reason)) => {
                let moved = set_aside(folder, reason, clock.now());
                let moved = moved.map_err(|source| failed(folder, source))?;
                (open_fresh(folder, head, deadline)?, Some(moved))
            }
        };
        Ok(Self::new(folder, head, view, set_aside, lock))
    }

    fn new(
        folder: &Path,
        head: Position,
        view: Generation,
        set_aside: Option<SetAside>,
        lock: FolderLock,
    ) -> Self {
        let progress = *view.writer();
        let status = ViewStatus {
            position: progress.position(),
            head_at_start_reached: progress.sequence >= head.sequence,
            halted: None,
            quarantined: progress.counts.quarantined,
            strays: progress.counts.strays,
        };
        Self {
            shared: Arc::new(Shared {
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

fn open_fresh(folder: &Path, head: Position, deadline: Instant) -> Result<Generation, OpenError> {
    open_fit(folder, head, deadline).map_err(|failure| match failure {
        Failure::Fatal(error) => error,
        Failure::Unfit(unfit) => OpenError::Fresh {
            folder: folder.to_owned(),
            unfit,
        },
    })
}

fn open_fit(folder: &Path, head: Position, deadline: Instant) -> Result<Generation, Failure> {
    let fatal = |source| Failure::Fatal(failed(folder, source));
    prepare(folder).map_err(fatal)?.map_err(Failure::Unfit)?;
    if let Some(what) = Damages::of(folder).found_before().map_err(fatal)? {
        return Err(Failure::Unfit(Unfit::Damaged(what)));
    }
    let folder_of_tree = folder.join(SLED_FOLDER);
    let tree = open_sled(&folder_of_tree, deadline)?;
    match damage::catch(|| check(&tree, head, REVISION)) {
        Ok(Ok(checked)) => Ok(Generation::new(
            folder_of_tree,
            tree,
            checked.revision,
            checked.progress,
        )),
        Ok(Err(unfit)) => Err(Failure::Unfit(unfit)),
        Err(StoreError::Storage(source)) => Err(fatal(source)),
        Err(error) => Err(Failure::Unfit(Unfit::Damaged(error.to_string()))),
    }
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
fn open_sled(folder: &Path, deadline: Instant) -> Result<sled::Db, Failure> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(CACHE_BYTES_MAX)
        .flush_every_ms(Some(FLUSH_INTERVAL_MS));
    loop {
        match damage::catch(|| Ok(config.open()?)) {
            Ok(tree) => return Ok(tree),
            Err(StoreError::Storage(_)) if Instant::now() < deadline => {
                thread::sleep(LOCK_RETRY_WAIT);
            }
            Err(StoreError::Storage(source)) => return Err(Failure::Fatal(failed(folder, source))),
            Err(error) => return Err(Failure::Unfit(Unfit::Damaged(error.to_string()))),
        }
    }
}
