//! The stream of parked messages: what its leader has, and records that are put where they were expected to be.
//!
//! Invariant: a record is put behind the very record that its writer saw, or not at all. An answer that got lost is made
//! up for by looking: what is stored there is ours if it has our id. Replicas are not asked, for they may lag; there are
//! few parked messages, and a person decides on what is read.

use async_nats::HeaderMap;
use async_nats::header::{
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID,
};
use async_nats::jetstream::message::StreamMessage;
use bytes::Bytes;
use ordertrace_domain::{Cause, Sequence, Timestamp};
use uuid::Uuid;

use crate::connection::Connection;
use crate::get::{Which, get};
use crate::publish::{Outgoing, Published, publish};
use crate::subject::DLQ_STREAM;

/// Asks the leader of the stream.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    connection: Connection,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) sequence: Sequence,
    pub(super) recorded_at: Timestamp,
    pub(super) subject: String,
    /// The id that its writer gave it.
    pub(super) id: Option<String>,
    pub(super) payload: Bytes,
}

impl Shelf {
    pub(super) fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
        }
    }

    /// The last record under a subject.
    pub(super) async fn last(&self, subject: &str) -> Result<Option<Entry>, Cause> {
        let last_by_subj = subject;
        self.get(&Which::Last { last_by_subj }).await
    }

    /// The first record after a sequence whose subject matches.
    pub(super) async fn next(
        &self,
        subjects: &str,
        after: Sequence,
    ) -> Result<Option<Entry>, Cause> {
        let which = Which::From {
            seq: after.next(),
            next_by_subj: subjects,
        };
        self.get(&which).await
    }

    /// Puts a record behind the one that is expected to be the last of its subject. `false` if it is not.
    pub(super) async fn put(
        &self,
        subject: &str,
        behind: Sequence,
        payload: Vec<u8>,
    ) -> Result<bool, Cause> {
        let id = Uuid::now_v7().to_string();
        let message = outgoing(subject, behind, &id, payload);
        match publish(&self.connection, &message).await? {
            Published::Stored => Ok(true),
            // It may have been stored at an earlier try; others may have followed since, but none can stand before it.
            Published::Conflict => {
                let follower = self.next(subject, behind).await?;
                Ok(follower.is_some_and(|entry| entry.id == Some(id)))
            }
        }
    }

    async fn get(&self, which: &Which<'_>) -> Result<Option<Entry>, Cause> {
        let message = get(&self.connection, DLQ_STREAM, which).await?;
        Ok(message.map(Entry::of))
    }
}

fn outgoing(subject: &str, behind: Sequence, id: &str, payload: Vec<u8>) -> Outgoing {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_EXPECTED_STREAM, DLQ_STREAM);
    headers.insert(
        NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
        behind.get().to_string(),
    );
    headers.insert(NATS_MESSAGE_ID, id);
    Outgoing {
        subject: subject.to_owned(),
        headers,
        payload: payload.into(),
    }
}

impl Entry {
    fn of(message: StreamMessage) -> Self {
        let micros = message.time.unix_timestamp_nanos() / 1_000;
        let id = message.headers.get(NATS_MESSAGE_ID);
        Self {
            sequence: Sequence::new(message.sequence),
            recorded_at: Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX)),
            subject: message.subject.to_string(),
            id: id.map(|id| id.as_str().to_owned()),
            payload: message.payload,
        }
    }
}
