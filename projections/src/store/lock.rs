//! The lock on a view's folder: one process at a time opens it, sets it aside or writes it.
//!
//! The lock file stands beside the folder, so that it holds while the folder is renamed. sled has a lock of its own
//! inside, which would not.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::OpenError;

/// How long to wait for a lock. A process that was just killed keeps it until the system has taken it apart; one that
/// was told to stop, until it has written out its view, which takes seconds on a busy disk.
pub(super) const LOCK_WAIT_MAX: Duration = Duration::from_secs(30);

/// How often to try meanwhile.
pub(super) const LOCK_RETRY_WAIT: Duration = Duration::from_millis(20);

/// Held until it is dropped, or the process ends.
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of a folder, which need not exist; tries until the deadline.
    pub(super) fn take(folder: &Path, deadline: Instant) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Folder {
            folder: folder.to_owned(),
            source,
        };
        let file = open_lock_file(folder).map_err(failed)?;
        let mut is_waiting = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    if !is_waiting {
                        tracing::info!(views.folder = %folder.display(), "waiting for the process that has the views");
                        is_waiting = true;
                    }
                    thread::sleep(LOCK_RETRY_WAIT);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(OpenError::InUse {
                        folder: folder.to_owned(),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}

fn open_lock_file(folder: &Path) -> io::Result<File> {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut name = folder.as_os_str().to_owned();
    name.push(".lock");
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(name)
}
