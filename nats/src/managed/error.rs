//! What can go wrong with a managed server.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use super::find::FindError;

/// Why a managed server is not there, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ManagedError {
    /// There is no usable `nats-server`; the message names the ways to install one.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The data folder can't be made, read or written: its permissions, or a full disk.
    #[error("cannot {action} {}", path.display())]
    Folder {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The data folder's name can't be written into a server's configuration: choose another.
    #[error("the data folder {} has a name that is not UTF-8", path.display())]
    FolderNotUtf8 {
        /// The folder.
        path: PathBuf,
    },
    /// Another process holds the data folder and did not let go within the bound: stop it, or use another folder.
    #[error("another ordertrace ({}) uses this data folder: {}", pid_text(.owner), folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The process that holds it, if it could be read.
        owner: Option<u32>,
    },
    /// The program could not even be started.
    #[error("cannot start {}", program.display())]
    Launch {
        /// The server.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The server ended before it answered: its log says why.
    #[error("nats-server ended before it was ready ({status}){log}")]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// Its last words.
        log: LogTail,
    },
    /// The server runs but did not become healthy within the bound: its log may say why.
    #[error("nats-server was not ready within {} s{log}", bound.as_secs())]
    NotReady {
        /// The bound.
        bound: Duration,
        /// Its last words.
        log: LogTail,
    },
    /// The server died again and again, and is not restarted any more.
    #[error("nats-server died {deaths} times within {} s and is given up{log}", window.as_secs())]
    GivenUp {
        /// How often it died within the window.
        deaths: usize,
        /// The window.
        window: Duration,
        /// Its last words.
        log: LogTail,
    },
    /// The task that watches the server has ended without saying why: the runtime is shutting down.
    #[error("nothing watches the nats-server any more: the runtime is shutting down")]
    Unwatched,
    /// The HTTP client for the server's monitoring could not be made.
    #[error("cannot make an HTTP client for the server's monitoring")]
    Monitoring(#[source] reqwest::Error),
    /// The nodes of a cluster run but did not agree on a leader within the bound.
    #[error("the cluster had no leader that all its nodes know within {} s", bound.as_secs())]
    NoClusterLeader {
        /// The bound.
        bound: Duration,
    },
}

/// The end of what a server wrote to its log and its standard error.
#[derive(Debug, Clone, Default)]
pub struct LogTail(pub(super) String);

impl fmt::Display for LogTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str("; the end of its log:")?;
        self.0.lines().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

fn pid_text(owner: &Option<u32>) -> String {
    owner.map_or_else(|| "pid unknown".to_owned(), |pid| format!("pid {pid}"))
}
