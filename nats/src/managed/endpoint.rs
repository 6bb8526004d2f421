//! Tells other processes on this machine where the server of a data folder listens.
//!
//! Invariant: a note is believed only while the process that wrote it holds the folder. It deliberately says nothing of
//! the server's health.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::ManagedError;
use super::folder::{ServerFolder, failed};

/// Where the running server of a data folder is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// For clients, such as `nats://127.0.0.1:38543`.
    pub client_url: String,
    /// Its monitoring, such as `http://127.0.0.1:42127`.
    pub monitor_url: String,
    /// The process of the `nats-server` itself.
    pub pid: u32,
    /// The process that runs the server and takes it along when it ends.
    pub owner_pid: u32,
}

impl Endpoint {
    /// The running server of a data folder; `None` when none runs, whatever an earlier one has left behind.
    pub fn read(data_dir: &Path) -> Option<Self> {
        let folder = ServerFolder::of(data_dir).ok()?;
        let endpoint: Self = serde_json::from_slice(&fs::read(folder.endpoint()).ok()?).ok()?;
        (folder.holder()? == endpoint.owner_pid).then_some(endpoint)
    }

    /// Replaces the note in one step. The caller holds the folder.
    pub(super) fn write(&self, folder: &ServerFolder) -> Result<(), ManagedError> {
        let path = folder.endpoint();
        let unfinished = path.with_extension("json.partial");
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| failed("write", &path)(error.into()))?;
        fs::write(&unfinished, text).map_err(failed("write", &unfinished))?;
        fs::rename(&unfinished, &path).map_err(failed("write", &path))
    }

    /// Withdraws the note. The caller holds the folder; a note that can't be removed is not believed afterwards.
    pub(super) fn remove(folder: &ServerFolder) {
        let _ = fs::remove_file(folder.endpoint());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn note(owner_pid: u32) -> Endpoint {
        let client_url = "nats://127.0.0.1:1".to_owned();
        Endpoint {
            client_url,
            monitor_url: "http://127.0.0.1:2".to_owned(),
            pid: 3,
            owner_pid,
        }
    }

    #[tokio::test]
    async fn a_note_is_believed_only_while_its_writer_holds_the_folder() {
        let data_dir = tempfile::tempdir().unwrap();
        let folder = ServerFolder::of(data_dir.path()).unwrap();
        assert_eq!(
            Endpoint::read(data_dir.path()),
            None,
            "nothing was ever written"
        );

        let lock = folder.lock(Duration::ZERO).await.unwrap();
        let own = note(std::process::id());
        own.write(&folder).unwrap();
        assert_eq!(
            Endpoint::read(data_dir.path()),
            Some(own),
            "the writer holds the folder"
        );

        note(std::process::id() + 1).write(&folder).unwrap();
        assert_eq!(
            Endpoint::read(data_dir.path()),
            None,
            "the note is of an earlier holder"
        );

        note(std::process::id()).write(&folder).unwrap();
        drop(lock);
        // A child that another test starts at this moment has the lock's file until it runs its own program.
        let unbelieved = async {
            while Endpoint::read(data_dir.path()).is_some() {
                tokio::task::yield_now().await;
            }
        };
        let free = tokio::time::timeout(Duration::from_secs(10), unbelieved).await;
        assert!(free.is_ok(), "nobody holds the folder");
    }
}
