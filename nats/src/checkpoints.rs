//! Checkpoints of the log, in a stream of their own.
//!
//! Invariant: a checkpoint is added with the expectation that the stream ends where its signer saw it end, so of several
//! signers one is first and the others are told. An answer that got lost is made up for by looking: what stands behind
//! that place is ours if it has our bytes. They belong to one log: beside another log's nothing is read or added. What is
//! in a checkpoint is not looked at here.

use std::time::Duration;

use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM};
use async_nats::jetstream::message::StreamMessage;
use async_nats::{HeaderMap, Request};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ordertrace_domain::{
    AppendError, Cause, Checkpoints, Hash, LogError, Sequence, StoredCheckpoint,
};
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::delivered::recorded_at;
use crate::facts::StreamFacts;
use crate::get::{Which, get};
use crate::identity::StreamIdentity;
use crate::log::{Answer, NoAnswer, Pace, Step, Tries, classify};
use crate::subject::{CHECKPOINTS, CHECKPOINTS_STREAM};

/// How long an append may take in all: a cluster elects a new leader in five to seven seconds.
const APPEND_BUDGET: Duration = Duration::from_secs(16);

/// How long one try waits for its answer. Under the heaviest load answers took 0.2 s; a full disk never answers.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// How many are read at once: enough to hide the way to the server.
const READS_AT_ONCE: usize = 16;

/// [`Checkpoints`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamCheckpoints {
    connection: Connection,
    identity: StreamIdentity,
}

impl JetStreamCheckpoints {
    /// The checkpoints of the log that the identity names. The topology must be there.
    pub fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            connection: connection.clone(),
            identity,
        }
    }

    /// Asks, so that a log that was created anew is noticed before the checkpoints of the old one are read.
    async fn confirm(&self) -> Result<(), LogError> {
        let context = self.connection.jetstream();
        StreamFacts::current(context, &self.identity).await?;
        Ok(())
    }

    /// The first one with this number or a later one.
    async fn first_from(&self, number: Sequence) -> Result<Option<StoredCheckpoint>, Cause> {
        let which = Which::From {
            seq: number,
            next_by_subj: CHECKPOINTS,
        };
        let found = get(&self.connection, CHECKPOINTS_STREAM, &which).await?;
        Ok(found.map(stored))
    }

    /// Tries until it is settled or the budget is spent.
    async fn put(&self, behind: Sequence, note: &Bytes) -> Result<Sequence, AppendError> {
        let deadline = Instant::now() + APPEND_BUDGET;
        let mut tries = Tries::new(seed(note));
        loop {
            let answer = self.put_once(behind, note).await;
            let left = deadline.saturating_duration_since(Instant::now());
            match tries.after(answer, left) {
                Step::Settled(result) => return result,
                Step::Again(pause) => sleep(pause).await,
            }
        }
    }

    async fn put_once(&self, behind: Sequence, note: &Bytes) -> Answer {
        let mut link = self.connection.link();
        let connects = link.connects();
        if !link.is_up() {
            return Answer::NotNow(Pace::Unavailable, NoAnswer::NotConnected.into());
        }
        let request = Request::new()
            .headers(expectation(behind))
            .payload(note.clone())
            .timeout(None);
        let client = self.connection.client();
        tokio::select! {
            biased;
            reply = client.send_request(CHECKPOINTS, request) => classify(reply, 1),
            () = link.lost(connects) => Answer::InDoubt(NoAnswer::ConnectionLost.into()),
            () = sleep(ANSWER_WAIT) => Answer::InDoubt(NoAnswer::TimedOut(ANSWER_WAIT).into()),
        }
    }

    /// What an append came to whose answer alone does not tell: the one behind that place is ours, or another's, and then
    /// ours can never be stored any more; or there is none.
    async fn look_behind(
        &self,
        behind: Sequence,
        note: &Bytes,
        error: AppendError,
    ) -> Result<Sequence, AppendError> {
        let number = behind.next();
        match self.first_from(number).await {
            Ok(Some(found)) if found.number == number && found.note == *note => Ok(number),
            Ok(Some(_)) => Err(AppendError::Conflict),
            Ok(None) => Err(error),
            Err(cause) => Err(AppendError::OutcomeUnknown(cause)),
        }
    }
}

#[async_trait]
impl Checkpoints for JetStreamCheckpoints {
    async fn last(&self) -> Result<Option<StoredCheckpoint>, LogError> {
        self.confirm().await?;
        let which = Which::Last {
            last_by_subj: CHECKPOINTS,
        };
        let last = get(&self.connection, CHECKPOINTS_STREAM, &which).await;
        Ok(last.map_err(LogError::Unavailable)?.map(stored))
    }

    async fn after(
        &self,
        number: Sequence,
        limit: usize,
    ) -> Result<Vec<StoredCheckpoint>, LogError> {
        self.confirm().await?;
        // Mostly there is nothing new, so one is asked for before the rest is asked for at once.
        let first = match limit {
            0 => Ok(None),
            _ => self.first_from(number.next()).await,
        };
        let Some(first) = first.map_err(LogError::Unavailable)? else {
            return Ok(Vec::new());
        };
        let second = number.next().next();
        let asked = std::iter::successors(Some(second), |number| Some(number.next()));
        let found = stream::iter(asked.take(limit - 1))
            .map(|number| self.first_from(number))
            .buffered(READS_AT_ONCE)
            .try_take_while(|found| std::future::ready(Ok(found.is_some())))
            .try_filter_map(|found| std::future::ready(Ok(found)));
        let found: Vec<_> = found.try_collect().await.map_err(LogError::Unavailable)?;
        let mut found: Vec<_> = std::iter::once(first).chain(found).collect();
        // Where a number is missing, the one after it was found twice.
        found.dedup_by_key(|checkpoint| checkpoint.number);
        Ok(found)
    }

    async fn append(&self, behind: Sequence, note: &[u8]) -> Result<Sequence, AppendError> {
        // A signer has just asked for the last one, so its log was still there.
        if self.identity.is_recreated() {
            return Err(AppendError::Recreated);
        }
        let note = Bytes::copy_from_slice(note);
        match self.put(behind, &note).await {
            Err(error @ (AppendError::Conflict | AppendError::OutcomeUnknown(_))) => {
                self.look_behind(behind, &note, error).await
            }
            settled => settled,
        }
    }
}

/// No id: the server would drop what it takes for a repeat, whatever the expectation.
fn expectation(behind: Sequence) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_EXPECTED_STREAM, CHECKPOINTS_STREAM);
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, behind.to_string());
    headers
}

fn stored(message: StreamMessage) -> StoredCheckpoint {
    StoredCheckpoint {
        number: Sequence::new(message.sequence),
        recorded_at: recorded_at(message.time.unix_timestamp_nanos()),
        note: message.payload.into(),
    }
}

/// Spreads the retries of different signers in time: their notes differ.
fn seed(note: &[u8]) -> u64 {
    let hash = Hash::of(note);
    let bytes = hash.as_bytes().iter();
    bytes.fold(0, |seed: u64, byte| seed.rotate_left(8) ^ u64::from(*byte))
}
