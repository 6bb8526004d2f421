//! What lies where in a server's folder, and the lock that keeps a second server out of it.
//!
//! Everything a managed server writes is below `<data_dir>/nats/`. The lock is held by this process and, through an
//! inherited file, by the server itself: it is free only when both are gone. No file here is the truth of anything but
//! the server's store.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::ManagedError;
use super::external::tail;
use super::lock;

/// Enough of a server's log for its last words: about twenty lines.
const LOG_TAIL_BYTES: u64 = 2_000;

/// The folder of one server.
#[derive(Debug, Clone)]
pub(super) struct ServerFolder {
    data_dir: PathBuf,
    root: PathBuf,
}

impl ServerFolder {
    /// The folder of the server that belongs to a data folder, without making it.
    pub(super) fn of(data_dir: &Path) -> Result<Self, ManagedError> {
        let absolute = std::path::absolute(data_dir).map_err(failed("find", data_dir))?;
        Ok(Self {
            root: absolute.join("nats"),
            data_dir: absolute,
        })
    }

    /// Given to the server, which makes a folder `jetstream` of its own in it.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn store(&self) -> PathBuf {
        self.root.join("jetstream")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.root.join("nats-server.conf")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("nats-server.log")
    }

    /// What a running server says about itself: its pid and its ports.
    pub(super) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    pub(super) fn pid(&self) -> PathBuf {
        self.run().join("pid")
    }

    pub(super) fn last_ports(&self) -> PathBuf {
        self.root.join("last-ports")
    }

    pub(super) fn endpoint(&self) -> PathBuf {
        self.root.join("endpoint.json")
    }

    /// Takes the folder for this process and the servers it will start in it, waiting up to `bound` for another owner
    /// to be gone: a restart begins while the last server still ends.
    pub(super) async fn lock(&self, bound: Duration) -> Result<FolderLock, ManagedError> {
        fs::create_dir_all(&self.root).map_err(failed("make", &self.root))?;
        let path = self.lock_path();
        let file = lock::open(&path).map_err(failed("open", &path))?;
        if let Some(owner) = self.holder() {
            tracing::info!(
                process.pid = owner,
                "waiting for the process that has the data folder to end"
            );
        }
        if !lock::acquire(&file, bound)
            .await
            .map_err(failed("lock", &path))?
        {
            return Err(ManagedError::InUse {
                folder: self.data_dir.clone(),
                owner: self.owner(),
            });
        }
        FolderLock::owned(file).map_err(failed("write", &path))
    }

    /// The process that holds the folder now; `None` when nobody does, or nobody can tell.
    pub(super) fn holder(&self) -> Option<u32> {
        let file = File::open(self.lock_path()).ok()?;
        lock::is_held(&file).ok()?.then(|| self.owner())?
    }

    /// Forgets what an earlier server said about itself, so that only the next one's word is read.
    pub(super) fn clear_run(&self) -> Result<(), ManagedError> {
        let run = self.run();
        match fs::remove_dir_all(&run) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("remove", &run)(error))
            }
            _ => fs::create_dir(&run).map_err(failed("make", &run)),
        }
    }

    /// The end of the server's log; empty when there is none.
    pub(super) fn log_tail(&self) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut log = File::open(self.log())?;
            let from = log.metadata()?.len().saturating_sub(LOG_TAIL_BYTES);
            log.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            log.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read()
            .map(|bytes| tail(&bytes, bytes.len()))
            .unwrap_or_default()
    }

    fn lock_path(&self) -> PathBuf {
        self.root.join("lock")
    }

    fn owner(&self) -> Option<u32> {
        fs::read_to_string(self.lock_path())
            .ok()?
            .lines()
            .next()?
            .parse()
            .ok()
    }
}

/// The lock of a server's folder; held until this value and every server that shares it are gone.
#[derive(Debug)]
pub(super) struct FolderLock(File);

impl FolderLock {
    fn owned(mut file: File) -> io::Result<Self> {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self(file))
    }

    /// The same open file for a server to inherit: as long as that server lives, the folder stays locked.
    pub(super) fn share(&self) -> io::Result<File> {
        self.0.try_clone()
    }
}

/// Turns an `io::Error` into one that names what was tried on which file.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ManagedError {
    let path = path.to_owned();
    move |source| ManagedError::Folder {
        action,
        path,
        source,
    }
}
