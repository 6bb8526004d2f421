//! Why a stream could not be taken out or put back.

use std::time::Duration;

use async_nats::SubscribeError;
use ordertrace_domain::Cause;

use super::StreamState;
use crate::api::ApiError;

/// Why a stream could not be taken out or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The server refused, or nobody answered: no leader, or no permission.
    #[error("{action} {object} failed")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// On what.
        object: String,
        /// What the server said.
        source: ApiError,
    },
    /// A stream of this name is there, or a restore that was cut off still holds the name. Nothing was changed.
    #[error("there is a stream {stream}, or what a restore that was cut off has left of one")]
    Exists {
        /// Its name.
        stream: String,
    },
    /// The inbox for the snapshot could not be opened: the connection was closed.
    #[error("the snapshot's inbox could not be opened")]
    NoInbox(#[source] SubscribeError),
    /// The server began a snapshot and fell silent, or the connection was lost. Begin anew.
    #[error("the snapshot of {stream} stopped coming")]
    Silent {
        /// Of which stream.
        stream: String,
    },
    /// A piece of the snapshot did not arrive. Begin anew.
    #[error("piece {expected} of the snapshot of {stream} got lost")]
    Lost {
        /// Of which stream.
        stream: String,
        /// Which piece, counted from 1.
        expected: u64,
    },
    /// The server broke the snapshot off, as with a message that it can't read any more.
    #[error("the server broke off the snapshot of {stream}: {said}")]
    BrokenOff {
        /// Of which stream.
        stream: String,
        /// The server's word.
        said: String,
    },
    /// A piece was not acknowledged while it was put back: the connection was lost, the server has no room, or the snapshot
    /// is damaged. The server may keep what it has stored so far.
    #[error("putting back {stream} stopped after {pieces} pieces")]
    Stopped {
        /// Which stream.
        stream: String,
        /// How many were acknowledged.
        pieces: u64,
        /// What came of the next.
        cause: Cause,
    },
    /// The server holds something else than was backed up.
    #[error("{stream} is not what was backed up: it holds {found:?}, backed up were {expected:?}")]
    OtherState {
        /// Which stream.
        stream: String,
        /// What is there.
        found: StreamState,
        /// What there was.
        expected: StreamState,
    },
    /// A message can't be read.
    #[error("message {sequence} of {stream} can't be read")]
    Unread {
        /// Of which stream.
        stream: String,
        /// Which.
        sequence: u64,
        /// What came between.
        cause: Cause,
    },
    /// A timer could not be made to go off again.
    #[error("a timer could not be set off again")]
    NotFired(#[source] Cause),
    /// The cluster took longer than that to have everything on all its servers, or the consumers in their places.
    #[error("{object} was not ready within {} s", bound.as_secs())]
    NotReady {
        /// What was waited for.
        object: String,
        /// How long.
        bound: Duration,
    },
}

impl BackupError {
    /// For a request that failed.
    pub(super) fn refused(action: &'static str, object: &str) -> impl FnOnce(ApiError) -> Self {
        let object = object.to_owned();
        move |source| Self::Refused {
            action,
            object,
            source,
        }
    }
}
