//! What a witness remembers: for each log the last checkpoint that it cosigned, in a file.
//!
//! Invariant: a checkpoint is on the disk before its cosignature is known to anybody. A file is written beside, synced,
//! renamed, and the folder synced; so after a cut at any point there is the one before or the new one, whole. Each file
//! carries the witness's own cosignature, by which it is checked when it is read: what was altered, or is by another
//! witness, is refused and never taken for nothing.
//!
//! It can't notice that the whole folder was set back or emptied: then the witness has forgotten, as if it were new. How
//! far it remembers each log is logged at the start.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use ordertrace_audit::{PublicKey, SignedCheckpoint};
use ordertrace_domain::Hash;

const LOCK: &str = "lock";

/// What the file of a log ends with; it begins with the SHA-256 of the log's name, which may hold any character.
const CHECKPOINT: &str = "checkpoint";

/// What a file ends with while it is written.
const HALF: &str = "tmp";

/// Why what a witness remembers can't be used. It must not begin anew: it would cosign a fork.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another process has it: two memories of one witness are none.
    #[error("another process has the witness's folder {}", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// It can't be made or read.
    #[error("the witness's folder can't be used: {}", path.display())]
    Io {
        /// The folder, or a file of it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not as this witness has written it: it was damaged, or the witness had another key.
    #[error(
        "{} is not as this witness has written it, so it does not know any more what it has cosigned ({why}); restore the folder, or give a new witness a new key and a folder of its own",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The folder of one witness, locked.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, if need be, and takes it. The one that it is in has to be there.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let failed = |source| failed(path, source);
        match fs::create_dir(path) {
            Ok(()) => sync(parent(path)).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        let lock = options.open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let folder = path.to_owned();
                return Err(StateError::InUse { folder });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Everything that this witness has cosigned last. What was being written when a process was killed is removed: nobody
    /// knows of it.
    pub(super) fn load(&self, witness: &PublicKey) -> Result<Vec<SignedCheckpoint>, StateError> {
        let mut seen = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| failed(&self.path, error))? {
            let path = entry.map_err(|error| failed(&self.path, error))?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            match ending {
                Some(CHECKPOINT) => seen.push(self.read(&path, witness)?),
                Some(HALF) => fs::remove_file(&path).map_err(|error| failed(&path, error))?,
                _ => {}
            }
        }
        Ok(seen)
    }

    fn read(&self, path: &Path, witness: &PublicKey) -> Result<SignedCheckpoint, StateError> {
        let damaged = |why: String| StateError::Damaged {
            path: path.to_owned(),
            why,
        };
        let bytes = fs::read(path).map_err(|error| failed(path, error))?;
        let note = SignedCheckpoint::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        note.check_cosignature(witness)
            .map_err(|error| damaged(error.to_string()))?;
        if self.file_of(&note) != path {
            return Err(damaged("it is the file of another log".to_owned()));
        }
        Ok(note)
    }

    /// Keeps a checkpoint in the place of the log's last one. It carries the witness's cosignature.
    pub(super) fn keep(&self, note: &SignedCheckpoint) -> io::Result<()> {
        let path = self.file_of(note);
        let half = path.with_extension(HALF);
        let mut file = File::create(&half)?;
        file.write_all(note.as_str().as_bytes())?;
        file.sync_all()?;
        fs::rename(half, path)?;
        sync(&self.path)
    }

    fn file_of(&self, note: &SignedCheckpoint) -> PathBuf {
        let log = Hash::of(note.checkpoint().origin.as_bytes());
        self.path.join(format!("{log}.{CHECKPOINT}"))
    }
}

fn failed(path: &Path, source: io::Error) -> StateError {
    StateError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Makes sure that the names in a folder outlive a power cut.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
