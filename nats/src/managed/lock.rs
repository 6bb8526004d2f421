//! Exclusive locks on files, waited for within a bound.
//!
//! A lock is `flock`'s: it belongs to the open file, so every process that inherited it holds it, and it is free when
//! the last of them is gone, however it ended. It deliberately leaves nothing to clean up: a lock file stays.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// A holder's end can't be subscribed to, only asked for; this is short beside the time a server takes to start.
const ASK_AGAIN_MS: u64 = 25;

/// Opens a lock file and keeps what it says, for it names its holder.
pub(super) fn open(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Takes the lock; `false` when another holder still had it after `bound`.
pub(super) async fn acquire(file: &File, bound: Duration) -> io::Result<bool> {
    let give_up_at = Instant::now() + bound;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= give_up_at => return Ok(false),
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(ASK_AGAIN_MS)).await,
        }
    }
}

/// Whether anybody holds the lock. Shared, so that two who ask do not take each other for a holder.
pub(super) fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
