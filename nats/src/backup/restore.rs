//! One stream on its way back into a server.
//!
//! Pieces go out one at a time, each when the server has taken in the one before: it stores as it reads, so this costs it
//! and us one piece of memory. On a cluster only one server takes them in; the others catch up from it.

use std::time::Duration;

use async_nats::client::Request;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::response::Response;
use bytes::Bytes;
use ordertrace_domain::Cause;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{BackupError, JetStreamBackup, Peers, StreamConfig, StreamInfo, StreamState};
use crate::Connection;
use crate::api::ApiError;

/// How long the server may take over a piece: it stores some hundred messages, each with an fsync, on a slow disk.
const PIECE_WAIT: Duration = Duration::from_secs(60);

/// How long it may take over the end: a server before 2.15 stores everything only then, and reads it once.
const END_WAIT: Duration = Duration::from_secs(600);

/// How long the other servers of a cluster may take to catch up with a large log.
const LEVEL_BUDGET: Duration = Duration::from_secs(600);

/// Catching up takes at least as long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A stream on its way back.
///
/// Until [`finish`](Self::finish) has succeeded the server may show nothing of it. Of one that is given up, or turns out to
/// be damaged, it keeps what it has stored so far as a stream like any other, or nothing, or (a cluster) only its name.
#[derive(Debug)]
pub struct Restoring {
    stream: String,
    connection: Connection,
    deliver: String,
    pieces: u64,
}

#[derive(Deserialize)]
struct Begun {
    deliver_subject: String,
}

impl JetStreamBackup {
    /// Begins to put a stream back with this configuration. `state` is how much there is to come.
    ///
    /// # Errors
    /// [`BackupError::Exists`] and [`BackupError::Refused`]; nothing was made then.
    pub async fn restore(
        &self,
        stream: &str,
        config: &StreamConfig,
        state: &StreamState,
    ) -> Result<Restoring, BackupError> {
        let request = json!({
            "config": config,
            "state": {
                "messages": state.messages, "bytes": state.bytes,
                "first_seq": state.first, "last_seq": state.last,
            },
        });
        let subject = format!("STREAM.RESTORE.{stream}");
        let begun: Result<Begun, ApiError> = self.begin(&subject, &request).await;
        match begun {
            Ok(begun) => Ok(Restoring {
                stream: stream.to_owned(),
                connection: self.connection.clone(),
                deliver: begun.deliver_subject,
                pieces: 0,
            }),
            Err(error) if error.code() == Some(ErrorCode::STREAM_NAME_EXIST_RESTORE_FAILED) => {
                Err(BackupError::Exists {
                    stream: stream.to_owned(),
                })
            }
            Err(error) => Err(BackupError::refused("restoring", stream)(error)),
        }
    }

    /// Waits until every server that is to hold a stream has all of it.
    ///
    /// # Errors
    /// [`BackupError::NotReady`] and [`BackupError::Refused`].
    pub async fn level(&self, stream: &str) -> Result<(), BackupError> {
        let deadline = Instant::now() + LEVEL_BUDGET;
        loop {
            let info = self.info(stream).await?;
            let is_level = |info: StreamInfo| info.cluster.as_ref().is_none_or(Peers::are_level);
            if info.is_some_and(is_level) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(BackupError::NotReady {
                    object: format!("the cluster's copies of {stream}"),
                    bound: LEVEL_BUDGET,
                });
            }
            sleep(LOOK_AGAIN).await;
        }
    }
}

impl Restoring {
    /// How large a piece may be.
    pub const PIECE_BYTES: usize = super::snapshot::PIECE_BYTES;

    /// Hands over the next piece, of at most [`Self::PIECE_BYTES`], and waits until it was taken in.
    ///
    /// # Errors
    /// [`BackupError::Stopped`].
    pub async fn push(&mut self, piece: impl Into<Bytes>) -> Result<(), BackupError> {
        let answer = self.send(piece.into(), PIECE_WAIT).await?;
        if !answer.is_empty() {
            let refused: Result<Value, Cause> = read(&answer);
            let cause = refused.err().unwrap_or_else(|| "it ended too early".into());
            return Err(self.stopped(cause));
        }
        self.pieces += 1;
        Ok(())
    }

    /// Says that this was all, and gives what the server made of it.
    ///
    /// # Errors
    /// [`BackupError::Stopped`]: what was handed over is no snapshot, or not all of one.
    pub async fn finish(self) -> Result<StreamState, BackupError> {
        #[derive(Deserialize)]
        struct Finished {
            state: StreamState,
        }
        let answer = self.send(Bytes::new(), END_WAIT).await?;
        let finished: Finished = read(&answer).map_err(|cause| self.stopped(cause))?;
        Ok(finished.state)
    }

    async fn send(&self, piece: Bytes, wait: Duration) -> Result<Bytes, BackupError> {
        let request = Request::new().payload(piece).timeout(Some(wait));
        let client = self.connection.client();
        let answer = client.send_request(self.deliver.clone(), request).await;
        let answer = answer.map_err(|error| self.stopped(error.into()))?;
        Ok(answer.payload)
    }

    fn stopped(&self, cause: Cause) -> BackupError {
        BackupError::Stopped {
            stream: self.stream.clone(),
            pieces: self.pieces,
            cause,
        }
    }
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Cause> {
    match serde_json::from_slice(answer)? {
        Response::Ok(answer) => Ok(answer),
        Response::Err { error } => Err(ApiError::Refused(error).into()),
    }
}
