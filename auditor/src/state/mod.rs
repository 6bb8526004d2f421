//! The audit's folder: the tree's hashes, the map at a size, and the newest checkpoint that was accepted.
//!
//! Invariant: it is disposable. All but one thing follows from the log, and what is damaged or of another log is removed
//! and made anew. The one thing is the memory of the newest checkpoint: without it nobody here notices that the
//! checkpoints were rolled back between two starts. One process at a time has a folder.
//!
//! ```text
//! lock              held by the process
//! tree              all hashes of the tree, and maybe more than the snapshot knows of
//! orders-<size>     the map at that size; the largest counts
//! last-checkpoint   number and note
//! ```

mod pin;
mod snapshot;

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use ordertrace_audit::{TreeError, TreeFile};
use ordertrace_domain::{Hash, Incarnation, Sequence};

pub(crate) use pin::Pin;
use snapshot::Unfit;

use crate::fold::Standing;

const LOCK: &str = "lock";
const TREE: &str = "tree";
const ORDERS: &str = "orders-";
const PIN: &str = "last-checkpoint";

/// What a file ends with while it is written.
const HALF: &str = "tmp";

/// How long to wait for the folder. A process that was told to stop keeps it until it has written its map out.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(15);

/// How often to try meanwhile.
const LOCK_RETRY_WAIT: Duration = Duration::from_millis(20);

/// Why an audit's folder can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it, and does not let go of it. Each needs a folder of its own.
    #[error("another process has the audit's folder {}", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder can't be made or read.
    #[error("the audit's folder {} can't be used", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The tree can't be begun anew.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The folder of one audit, locked.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, if need be, and takes it.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Folder {
            folder: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(failed)?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let lock = options.open(path.join(LOCK)).map_err(failed)?;
        let deadline = Instant::now() + LOCK_WAIT_MAX;
        while let Err(error) = lock.try_lock() {
            match error {
                TryLockError::WouldBlock if Instant::now() < deadline => {
                    thread::sleep(LOCK_RETRY_WAIT);
                }
                TryLockError::WouldBlock => {
                    let folder = path.to_owned();
                    return Err(OpenError::InUse { folder });
                }
                TryLockError::Error(source) => return Err(failed(source)),
            }
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        folder.remove_halves();
        Ok(folder)
    }

    /// What was being written when a process was killed.
    fn remove_halves(&self) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        for half in paths.filter(|path| path.extension().is_some_and(|it| it == HALF)) {
            remove(&half);
        }
    }

    /// The tree, and what the log came to where it was kept. What is of no use is removed; without any the tree is empty.
    pub(crate) fn load(
        &self,
        incarnation: Incarnation,
    ) -> Result<(TreeFile, Option<Standing>), OpenError> {
        for path in self.snapshots() {
            match self.load_one(&path, incarnation) {
                Ok((tree, standing)) => return Ok((tree, Some(standing))),
                Err(why) => {
                    tracing::warn!(audit.file = %path.display(), %why, "what the audit had kept is of no use and is removed");
                    remove(&path);
                }
            }
        }
        Ok((self.empty_tree()?, None))
    }

    fn load_one(
        &self,
        path: &Path,
        incarnation: Incarnation,
    ) -> Result<(TreeFile, Standing), Useless> {
        let snapshot = snapshot::read(path)?;
        if snapshot.incarnation != incarnation.to_string() {
            return Err(Useless::OtherLog(snapshot.incarnation));
        }
        let size = snapshot.standing.size;
        let tree = TreeFile::open(&self.path.join(TREE), size)?;
        if tree.root(size)?.to_string() != snapshot.tree_root {
            return Err(Useless::OtherTree);
        }
        Ok((tree, snapshot.standing))
    }

    /// Forgets everything that follows from the log.
    pub(crate) fn empty_tree(&self) -> Result<TreeFile, TreeError> {
        for path in self.snapshots() {
            fs::remove_file(path)?;
        }
        TreeFile::open(&self.path.join(TREE), Sequence::START)
    }

    /// Keeps what the log came to. The tree has been synced that far.
    pub(crate) fn save(
        &self,
        incarnation: Incarnation,
        tree_root: Hash,
        standing: &Standing,
    ) -> io::Result<()> {
        let path = self.path.join(format!("{ORDERS}{}", standing.size));
        snapshot::write(&path, incarnation, tree_root, standing)?;
        File::open(&self.path)?.sync_all()?;
        for other in self.snapshots().into_iter().filter(|it| *it != path) {
            remove(&other);
        }
        Ok(())
    }

    /// The newest checkpoint that was accepted here, if that is still known.
    pub(crate) fn pin(&self) -> io::Result<Option<Pin>> {
        match pin::read(&self.path.join(PIN)) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(audit.folder = %self.path.display(), "the audit does not know any more which checkpoint it has accepted last");
                Ok(None)
            }
            read => read,
        }
    }

    /// Remembers a checkpoint.
    pub(crate) fn set_pin(&self, pin: &Pin) -> io::Result<()> {
        pin::write(&self.path.join(PIN), pin)
    }

    /// The kept maps, the largest first.
    fn snapshots(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let sized = entries.filter_map(|entry| {
            let name = entry.file_name();
            let size: u64 = name.to_str()?.strip_prefix(ORDERS)?.parse().ok()?;
            Some((size, entry.path()))
        });
        let mut sized: Vec<_> = sized.collect();
        sized.sort_unstable();
        sized.into_iter().rev().map(|(_, path)| path).collect()
    }
}

/// Why what was kept is of no use.
#[derive(Debug, thiserror::Error)]
enum Useless {
    #[error(transparent)]
    Snapshot(#[from] Unfit),
    #[error("it is of another log: of {0}")]
    OtherLog(String),
    #[error("the tree beside it is another one")]
    OtherTree,
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// What can't be removed takes up room, and is looked at again at the next start.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(audit.file = %path.display(), %error, "a file without use could not be removed");
    }
}
