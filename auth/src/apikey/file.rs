//! The file of API keys: what `ordertrace ops apikey` does to it.
//!
//! Invariant: the file is replaced as a whole, by one process at a time, and only its owner can read it. Who reads it
//! meanwhile sees it as it was before or as it is after.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use ordertrace_domain::Timestamp;
use secrecy::SecretString;

use super::{
    ApiKeyRecord, InvalidKey, KeyId, NewApiKey,
    book::{Book, FILE_BYTES_MAX},
};
use crate::watched::{Unfit, beside};

/// How long to wait for another process that changes the file, which takes it milliseconds.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// How often to try meanwhile.
const LOCK_RETRY_WAIT: Duration = Duration::from_millis(20);

/// Why the file was not read, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The disk refuses; look at its owner and its room.
    #[error("could not read or write {file}")]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody has changed it by hand, or it is another file. Nothing is written over it.
    #[error("{file} is not a file of API keys: {why}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Another process has been changing it for long; try again.
    #[error("another process is changing {file}")]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// What is asked for is not possible.
    #[error(transparent)]
    Invalid(#[from] InvalidKey),
}

/// Makes a key. Its text is given back here and is nowhere else; show it once.
///
/// # Errors
/// It can't be one, or the file can't be changed: then there is no such key.
pub fn create(
    file: &Path,
    new: NewApiKey,
    now: Timestamp,
) -> Result<(ApiKeyRecord, SecretString), KeyFileError> {
    changed(file, |book| book.add(new, now))
}

/// All keys, revoked ones too, in the order in which they were made. Where there is no file there are none.
///
/// # Errors
/// The file can't be read.
pub fn list(file: &Path) -> Result<Vec<ApiKeyRecord>, KeyFileError> {
    Ok(read(file)?.into_records())
}

/// Revokes a key; it does not count any more as soon as the file has been looked at, which takes a second.
///
/// # Errors
/// There is none with this id, or the file can't be changed: then the key still counts.
pub fn revoke(file: &Path, id: &KeyId, now: Timestamp) -> Result<ApiKeyRecord, KeyFileError> {
    changed(file, |book| book.revoke(id, now))
}

fn changed<T>(
    file: &Path,
    change: impl FnOnce(&mut Book) -> Result<T, InvalidKey>,
) -> Result<T, KeyFileError> {
    let _lock = lock(file)?;
    let mut book = read(file)?;
    let result = change(&mut book)?;
    write(file, &book).map_err(|source| failed(file, source))?;
    Ok(result)
}

fn failed(file: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::Io {
        file: file.to_owned(),
        source,
    }
}

fn read(file: &Path) -> Result<Book, KeyFileError> {
    let opened = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::default()),
        opened => opened,
    };
    let mut bytes = Vec::new();
    let read = opened.and_then(|it| it.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|source| failed(file, source))?;
    let book = if bytes.len() > FILE_BYTES_MAX {
        Err(Unfit("it is too large"))
    } else {
        Book::parse(&bytes)
    };
    book.map_err(|Unfit(why)| KeyFileError::Damaged {
        file: file.to_owned(),
        why,
    })
}

/// The lock is a file of its own, for the other one is replaced.
fn lock(file: &Path) -> Result<File, KeyFileError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    only_for_the_owner(&mut options);
    let lock = options
        .open(beside(file, ".lock"))
        .map_err(|source| failed(file, source))?;
    let deadline = Instant::now() + LOCK_WAIT_MAX;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                thread::sleep(LOCK_RETRY_WAIT);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(KeyFileError::InUse {
                    file: file.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(file, source)),
        }
    }
}

/// Under another name first, so that the name never stands for half a file; synced, so that a power cut does not bring
/// back a key that was revoked.
fn write(file: &Path, book: &Book) -> io::Result<()> {
    let half = beside(file, ".tmp");
    // Left behind by a process that was killed; whoever has the lock may take it away.
    match fs::remove_file(&half) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    only_for_the_owner(&mut options);
    let mut out = options.open(&half)?;
    if let Ok(before) = fs::metadata(file) {
        belongs_as(&out, &before)?;
    }
    out.write_all(book.to_text()?.as_bytes())?;
    out.sync_all()?;
    fs::rename(&half, file)?;
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Gives a file to whom another one belonged, and lets the same read it: whoever changes the keys need not be who reads them.
#[cfg(unix)]
fn belongs_as(file: &File, before: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        fchown(file, Some(before.uid()), Some(before.gid()))?;
    }
    file.set_permissions(before.permissions())
}

#[cfg(not(unix))]
fn belongs_as(_file: &File, _before: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn only_for_the_owner(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_the_owner(_options: &mut OpenOptions) {}
