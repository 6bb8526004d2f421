//! One stream on its way out of the server.
//!
//! The server sends it in pieces, so many at a time, and sends more as they are acknowledged. A piece is acknowledged when
//! the next one is asked for: whoever takes them has put it away by then, and memory holds one window at most.

use std::time::Duration;

use async_nats::{Client, Message, Subject, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{BackupError, JetStreamBackup, StreamConfig, StreamState};

/// How large a piece is: below what any server takes as a message (1 MiB unless set), large enough to be quick.
const PIECE_BYTES: usize = 128 * 1024;

/// How much may be on its way unacknowledged: it is what this costs in memory.
const WINDOW_BYTES: usize = 4 * 1024 * 1024;

/// How long the next piece may take. The server gives up by itself after five seconds without an acknowledgement, and
/// reads from its disk in between.
const PIECE_WAIT: Duration = Duration::from_secs(30);

/// A snapshot on its way; dropping it makes the server stop.
#[derive(Debug)]
pub struct Snapshot {
    /// The stream's configuration.
    pub config: StreamConfig,
    /// How much there was of the stream when the snapshot began, which is what is in it.
    pub state: StreamState,
    stream: String,
    client: Client,
    pieces: Subscriber,
    /// The number of the next piece.
    next: u64,
    /// Where to acknowledge the last one.
    unacknowledged: Option<Subject>,
}

#[derive(Deserialize)]
struct Begun {
    config: StreamConfig,
    state: StreamState,
}

impl JetStreamBackup {
    /// Begins a snapshot of a stream and its consumers as they are now.
    ///
    /// # Errors
    /// [`BackupError::Refused`] if there is no such stream, and [`BackupError::NoInbox`].
    pub async fn snapshot(&self, stream: &str) -> Result<Snapshot, BackupError> {
        let client = self.connection.client().clone();
        let inbox = client.new_inbox();
        let pieces = client.subscribe(inbox.clone()).await;
        let pieces = pieces.map_err(BackupError::NoInbox)?;
        let request = json!({
            "deliver_subject": inbox,
            "no_consumers": false,
            "chunk_size": PIECE_BYTES,
            "window_size": WINDOW_BYTES,
            // Servers before 2.15 copy files, and look at the messages in them only if told to.
            "jsck": true,
        });
        let subject = format!("STREAM.SNAPSHOT.{stream}");
        let Begun { config, state } = self
            .begin(&subject, &request)
            .await
            .map_err(BackupError::refused("taking a snapshot of", stream))?;
        Ok(Snapshot {
            config,
            state,
            stream: stream.to_owned(),
            client,
            pieces,
            next: 1,
            unacknowledged: None,
        })
    }
}

impl Snapshot {
    /// The next piece, after the last one is put away; `None` at the end.
    ///
    /// # Errors
    /// [`BackupError::Silent`], [`BackupError::Lost`], [`BackupError::BrokenOff`]: what came so far is of no use.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BackupError> {
        if let Some(subject) = self.unacknowledged.take() {
            let acknowledged = self.client.publish(subject, Bytes::new()).await;
            acknowledged.map_err(|_closed| self.silent())?;
        }
        let message = timeout(PIECE_WAIT, self.pieces.next()).await;
        let message = message.ok().flatten().ok_or_else(|| self.silent())?;
        if message.payload.is_empty() {
            return self.ended(&message).map(|()| None);
        }
        if let Some(reply) = message.reply {
            self.check_number(&reply, message.payload.len())?;
            self.unacknowledged = Some(reply);
        }
        Ok(Some(message.payload))
    }

    /// The address of an acknowledgement ends with the length and the number of its piece. The last piece has none.
    fn check_number(&mut self, reply: &str, len: usize) -> Result<(), BackupError> {
        let expected = format!(".{len}.{}", self.next);
        if !reply.ends_with(&expected) {
            return Err(BackupError::Lost {
                stream: self.stream.clone(),
                expected: self.next,
            });
        }
        self.next += 1;
        Ok(())
    }

    /// The end has a status: 204, or what went wrong. That of a snapshot of a single piece has none.
    fn ended(&self, message: &Message) -> Result<(), BackupError> {
        match message.status {
            None => Ok(()),
            Some(status) if status.as_u16() == 204 => Ok(()),
            Some(status) => Err(BackupError::BrokenOff {
                stream: self.stream.clone(),
                said: match &message.description {
                    Some(description) => format!("{status} {description}"),
                    None => status.to_string(),
                },
            }),
        }
    }

    fn silent(&self) -> BackupError {
        BackupError::Silent {
            stream: self.stream.clone(),
        }
    }
}
