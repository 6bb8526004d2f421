//! A file that is read again when it has changed.
//!
//! Invariant: what was last read whole and understood serves on, whatever becomes of the file; each change that is of no use
//! is logged once. Nobody who has something to go on with waits for the disk.

use std::{
    fs::{File, Metadata},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::{Mutex, MutexGuard},
    task::spawn_blocking,
    time::Instant,
};

/// What is wrong with the content of a file, or of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(pub(crate) &'static str);

/// Why there is nothing to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// There has never been such a file.
    Missing,
    /// It has never been readable.
    Unusable,
}

/// A file, and what it last meant.
pub(crate) struct Watched<T> {
    what: &'static str,
    source: Source<T>,
    look_every: Duration,
    looked: Mutex<Looked>,
    held: RwLock<Result<Arc<T>, Nothing>>,
}

/// How to read it. Cheap to clone, for the thread that reads.
struct Source<T> {
    file: PathBuf,
    bytes_max: usize,
    parse: fn(&[u8]) -> Result<T, Unfit>,
}

#[derive(Default)]
struct Looked {
    at: Option<Instant>,
    seen: Option<Seen>,
}

/// What tells one content from another without reading it. Files that are replaced as a whole have another number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Missing,
    Unreadable(io::ErrorKind),
    File {
        bytes: u64,
        modified: Option<SystemTime>,
        number: u64,
    },
}

/// What a look has found.
enum Found<T> {
    Same,
    New(Seen, Result<T, Fault>),
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("it can't be read")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl<T> std::fmt::Debug for Watched<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched")
            .field("file", &self.source.file)
            .finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Watched<T> {
    /// A file that is looked at when it is first needed, and then not more often than this.
    pub(crate) fn new(
        what: &'static str,
        file: impl Into<PathBuf>,
        look_every: Duration,
        bytes_max: usize,
        parse: fn(&[u8]) -> Result<T, Unfit>,
    ) -> Self {
        Self {
            what,
            source: Source {
                file: file.into(),
                bytes_max,
                parse,
            },
            look_every,
            looked: Mutex::default(),
            held: RwLock::new(Err(Nothing::Unusable)),
        }
    }

    /// What the file means, or meant when it was last of use.
    pub(crate) async fn get(&self) -> Result<Arc<T>, Nothing> {
        let held = self.held();
        if held.is_err() {
            self.look(self.looked.lock().await).await;
        } else if let Ok(looked) = self.looked.try_lock() {
            self.look(looked).await;
        }
        self.held()
    }

    fn held(&self) -> Result<Arc<T>, Nothing> {
        // It is only ever replaced as a whole.
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    async fn look(&self, mut looked: MutexGuard<'_, Looked>) {
        if looked.at.is_some_and(|at| at.elapsed() < self.look_every) {
            return;
        }
        let (source, seen) = (self.source.clone(), looked.seen.clone());
        let found = spawn_blocking(move || source.look(seen.as_ref())).await;
        looked.at = Some(Instant::now());
        match found {
            Ok(Found::New(seen, read)) => {
                self.take(&seen, read);
                looked.seen = Some(seen);
            }
            Ok(Found::Same) => {}
            Err(error) => {
                tracing::error!(auth.file = %self.source.file.display(), error = %error, "{} can't be read", self.what);
            }
        }
    }

    fn take(&self, seen: &Seen, read: Result<T, Fault>) {
        let file = self.source.file.display();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(value) => {
                tracing::info!(auth.file = %file, "read {}", self.what);
                *held = Ok(Arc::new(value));
            }
            Err(fault) if held.is_ok() => {
                tracing::warn!(auth.file = %file, error = %fault, "{} are of no use as they are now; what they were before counts", self.what);
            }
            Err(fault) => {
                tracing::warn!(auth.file = %file, error = %fault, "{} are of no use", self.what);
                let is_missing = *seen == Seen::Missing;
                *held = Err(if is_missing {
                    Nothing::Missing
                } else {
                    Nothing::Unusable
                });
            }
        }
    }
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Self {
        Self {
            file: self.file.clone(),
            bytes_max: self.bytes_max,
            parse: self.parse,
        }
    }
}

impl<T> Source<T> {
    /// Reads the file, unless it is the one that was seen last.
    fn look(&self, last: Option<&Seen>) -> Found<T> {
        let opened = File::open(&self.file).and_then(|file| Ok((file.metadata()?, file)));
        let seen = match &opened {
            Ok((metadata, _)) => Seen::of(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::Missing,
            Err(error) => Seen::Unreadable(error.kind()),
        };
        if last == Some(&seen) {
            return Found::Same;
        }
        let read = opened.map_err(Fault::from);
        Found::New(seen, read.and_then(|(_, file)| self.read(file)))
    }

    fn read(&self, file: File) -> Result<T, Fault> {
        let mut bytes = Vec::new();
        let one_more = self.bytes_max as u64 + 1;
        file.take(one_more).read_to_end(&mut bytes)?;
        if bytes.len() > self.bytes_max {
            return Err(Unfit("it is too large").into());
        }
        Ok((self.parse)(&bytes)?)
    }
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        Self::File {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            number: number(metadata),
        }
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_metadata: &Metadata) -> u64 {
    0
}

/// The name of a file that stands beside another one.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests;
