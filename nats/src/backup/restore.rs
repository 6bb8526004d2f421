//! One stream on its way back into a server.
//!
//! Pieces go out one at a time, each when the server has taken in the one before: it stores as it reads, so this costs it
//! and us little memory. What is done for a server that is slow to store is [`super::alive`]'s. On a cluster only one
//! server takes them in; the others catch up from it.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::response::Response;
use bytes::Bytes;
use ordertrace_domain::Cause;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::alive::Sender;
use super::{BackupError, JetStreamBackup, StreamConfig, StreamState};
use crate::api::ApiError;

/// How long it may take over the end: a server before 2.15 stores everything only then, and reads it once.
const END_WAIT: Duration = Duration::from_secs(600);

/// A stream on its way back.
///
/// Until [`finish`](Self::finish) has succeeded the server may show nothing of it. Of one that is given up, or turns out to
/// be damaged, it keeps what it has stored so far as a stream like any other, or nothing, or (a cluster) only its name.
#[derive(Debug)]
pub struct Restoring {
    stream: String,
    sender: Sender,
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
                sender: Sender::new(&self.connection, begun.deliver_subject),
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
}

impl Restoring {
    /// How large a piece may be: below what any server takes as a message (1 MiB unless set), large enough to be quick.
    pub const PIECE_BYTES: usize = 128 * 1024;

    /// Hands over the next piece, of at most [`Self::PIECE_BYTES`], and waits until it was taken in.
    ///
    /// # Errors
    /// [`BackupError::Stopped`].
    pub async fn push(&mut self, piece: impl Into<Bytes>) -> Result<(), BackupError> {
        let answer = self.sender.push(&piece.into()).await;
        self.check(answer)?;
        self.pieces += 1;
        Ok(())
    }

    /// Says that this was all, and gives what the server made of it.
    ///
    /// # Errors
    /// [`BackupError::Stopped`]: what was handed over is no snapshot, or not all of one.
    pub async fn finish(mut self) -> Result<StreamState, BackupError> {
        #[derive(Deserialize)]
        struct Finished {
            state: StreamState,
        }
        let answer = self.sender.flush().await;
        self.check(answer)?;
        let answer = self.sender.end(END_WAIT).await;
        let answer = answer.map_err(|cause| self.stopped(cause))?;
        let finished: Finished = read(&answer).map_err(|cause| self.stopped(cause))?;
        Ok(finished.state)
    }

    /// The answer to a piece that was taken in is empty.
    fn check(&self, answer: Result<Bytes, Cause>) -> Result<(), BackupError> {
        let answer = answer.map_err(|cause| self.stopped(cause))?;
        if answer.is_empty() {
            return Ok(());
        }
        let refused: Result<Value, Cause> = read(&answer);
        let cause = refused.err().unwrap_or_else(|| "it ended too early".into());
        Err(self.stopped(cause))
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
