//! Backup and restore of the streams, by the server's own snapshots: sequences, times, headers and consumers are kept.
//!
//! Invariants: a snapshot that lost a piece on its way is an error, never a shorter snapshot; the restored log stays on a
//! subject that nobody uses until it is [released](JetStreamBackup::release), so that nobody can append to it and no role
//! starts on it; a restored log keeps its incarnation.
//!
//! What a snapshot holds at which moment matters, for there is one a stream and time goes on between them. In the order of
//! [`BACKUP_ORDER`], with the saga's places noted before the first of them:
//!
//! - No checkpoint speaks of events, and no parked message or timer of orders, that the log in the backup has not got: the
//!   log comes last.
//! - Whatever the saga did after its places were noted, it does anew on the restored log, which changes nothing where it
//!   is in the log already: so a timer that it set, or a message that it parked, too late for the snapshot is not lost.
//! - A timer that goes off while the snapshot of the timers is on its way may be missing from it altogether: those are
//!   [noted](JetStreamBackup::fired_after) beside it.
//!
//! It deliberately knows no files, and does not judge what it restored: see whoever calls it.

mod alive;
mod error;
mod fired;
mod level;
mod places;
mod restore;
mod snapshot;
mod withheld;

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use bytes::Bytes;
use ordertrace_domain::{Cause, Incarnation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::Connection;
use crate::api::{ApiError, ask_for, ask_until};
use crate::facts::StreamFacts;
use crate::subject::{CHECKPOINTS_STREAM, DLQ_STREAM, EVENTS_STREAM, TIMERS_STREAM};

pub use error::BackupError;
pub use fired::Fired;
pub use places::Places;
pub use restore::Restoring;
pub use snapshot::Snapshot;
pub(crate) use withheld::named_incarnation;
pub use withheld::{restored_config, restored_log_config, withheld_config};

/// The streams in the order in which they are backed up; the reasons are with the module.
pub const BACKUP_ORDER: [&str; 4] = [CHECKPOINTS_STREAM, DLQ_STREAM, TIMERS_STREAM, EVENTS_STREAM];

/// How long a leader of a stream is waited for: an election takes about five seconds, on a loaded machine longer.
const LEADER_BUDGET: Duration = Duration::from_secs(30);

/// How long the server may take to begin: one before 2.15 reads the whole stream first.
const BEGIN_WAIT: Duration = Duration::from_secs(120);

/// A server's configuration of a stream, as the server itself writes it.
pub type StreamConfig = Map<String, Value>;

/// How much there is of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamState {
    /// How many messages there are.
    pub messages: u64,
    /// Where the first of them stands.
    #[serde(alias = "first_seq")]
    pub first: u64,
    /// Where the last message stands, or stood if it is gone.
    #[serde(alias = "last_seq")]
    pub last: u64,
    /// How many bytes the server counts.
    pub bytes: u64,
}

impl StreamState {
    /// Nothing.
    pub const EMPTY: Self = Self {
        messages: 0,
        first: 0,
        last: 0,
        bytes: 0,
    };

    /// Whether this is one message after the other from the first on, none missing.
    pub fn is_dense(&self) -> bool {
        self.messages == self.last && (self.messages == 0 || self.first == 1)
    }
}

/// A stream as its leader describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StreamInfo {
    /// Its configuration.
    pub config: StreamConfig,
    /// How much there is of it.
    pub state: StreamState,
    cluster: Option<Peers>,
}

/// The servers of a cluster that hold something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Peers {
    /// A server that stands alone names itself as a leader, but no cluster.
    name: Option<String>,
    leader: Option<String>,
    #[serde(default)]
    replicas: Vec<Peer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Peer {
    #[serde(default)]
    name: String,
    current: bool,
}

impl Peers {
    /// Whether all of them have noted what the leader has, by its word.
    fn are_level(&self) -> bool {
        self.leader.is_some() && self.replicas.iter().all(|peer| peer.current)
    }
}

/// Takes streams out of JetStream, and puts them back.
#[derive(Debug, Clone)]
pub struct JetStreamBackup {
    connection: Connection,
}

impl JetStreamBackup {
    /// Over this connection, whose user has to be an operator.
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
        }
    }

    /// The version of the server that answers.
    pub fn server_version(&self) -> String {
        self.connection.client().server_info().version
    }

    /// A stream; `None` if there is none of this name.
    ///
    /// # Errors
    /// [`BackupError::Refused`].
    pub async fn info(&self, stream: &str) -> Result<Option<StreamInfo>, BackupError> {
        let subject = format!("STREAM.INFO.{stream}");
        match self.ask(&subject, Bytes::new()).await {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.code() == Some(ErrorCode::STREAM_NOT_FOUND) => Ok(None),
            Err(error) => Err(BackupError::refused("looking at", stream)(error)),
        }
    }

    /// Which log there is.
    ///
    /// # Errors
    /// [`BackupError::Refused`], also if there is none.
    pub async fn incarnation(&self) -> Result<Incarnation, BackupError> {
        StreamFacts::ask_within(LEADER_BUDGET, self.connection.jetstream())
            .await
            .map(|facts| facts.incarnation)
            .map_err(BackupError::refused("looking at", EVENTS_STREAM))
    }

    /// The bytes of the message with this number.
    ///
    /// # Errors
    /// [`BackupError::Unread`].
    pub async fn message(&self, stream: &str, sequence: u64) -> Result<Bytes, BackupError> {
        let unread = |cause: Cause| BackupError::Unread {
            stream: stream.to_owned(),
            sequence,
            cause,
        };
        let context = self.connection.jetstream();
        let handle = context.get_stream_no_info(stream).await;
        let handle = handle.map_err(|error| unread(error.into()))?;
        let message = handle.get_raw_message(sequence).await;
        Ok(message.map_err(|error| unread(error.into()))?.payload)
    }

    /// Asks as long as an answer may still come of itself.
    async fn ask<T: DeserializeOwned>(&self, subject: &str, request: Bytes) -> Result<T, ApiError> {
        let deadline = Instant::now() + LEADER_BUDGET;
        ask_until(deadline, self.connection.jetstream(), subject, request).await
    }

    /// Asks once, for what would be begun twice if it were asked for again.
    async fn begin<T: DeserializeOwned>(
        &self,
        subject: &str,
        request: &Value,
    ) -> Result<T, ApiError> {
        let request = Bytes::from(request.to_string());
        ask_for(BEGIN_WAIT, self.connection.jetstream(), subject, request).await
    }
}
