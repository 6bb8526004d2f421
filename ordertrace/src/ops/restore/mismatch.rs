//! What is not as it should be with a backup, or with what was made of it.

use std::path::PathBuf;

use ordertrace_audit::NoteError;
use ordertrace_nats::BackupError;

use crate::audit::Refuted;
use crate::ops::backup::FORMAT;

/// A backup is not what its sums say, or the restored log not what the backup says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mismatch {
    /// A file has not the sum that is written down for it. Nothing was made.
    #[error("{0} was changed: its SHA-256 is another one")]
    Sum(String),
    /// A file has another length. Nothing was made.
    #[error("{0} was changed: it has {1} bytes, and should have {2}")]
    Length(String, u64, u64),
    /// It is no manifest of a program this one knows. Nothing was made.
    #[error("the manifest can't be read")]
    Manifest(#[source] serde_json::Error),
    /// It is no backup that this program has written. Nothing was made.
    #[error("{} is no backup of the format {FORMAT}", .0.display())]
    Foreign(PathBuf),
    /// The server made something else of it.
    #[error("the restored stream differs")]
    State(#[source] BackupError),
    /// Messages are missing from the log that was backed up.
    #[error("events are missing from the log of this backup: it has {messages} of {last}")]
    Incomplete {
        /// How many there are.
        messages: u64,
        /// How many there should be.
        last: u64,
    },
    /// The last checkpoint in the backup is none.
    #[error("the last checkpoint of this backup can't be read")]
    Checkpoint(#[source] NoteError),
    /// The manifest names another checkpoint as the last one than the stream of checkpoints has.
    #[error("the last checkpoint that was restored is not the one that the manifest has")]
    OtherCheckpoint,
    /// Something is wrong with the log.
    #[error("the restored log is not sound")]
    Log(#[source] Refuted),
}
