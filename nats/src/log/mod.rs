//! The event log on JetStream: appends with an expectation, group commit, and reads.
//!
//! An append goes [`JetStreamLog`] → [`batcher`] (who goes with whom) → [`settle`] (again, until it is settled) →
//! [`publisher`] (one try) → [`answer`] (what the server's answer means). A read goes [`reader`] → [`cache`], then
//! [`direct`] (any replica) or [`leader`].
//!
//! Invariants: every append carries the expectation of its order's last sequence; nothing counts as stored before the
//! server acknowledged it; an append without an answer is tried again with identical bytes, id and expectation, and is
//! otherwise told as unknown, never guessed. It deliberately does not decide anything anew: that is the executor's.

mod answer;
mod archive;
mod batcher;
mod cache;
mod direct;
mod leader;
mod message;
mod meter;
mod pace;
mod publisher;
mod reader;
mod retry;
mod settle;
mod turns;

use async_trait::async_trait;
use ordertrace_domain::{
    AppendError, BrokenHistory, Draft, EventArchive, EventLog, Freshness, History, Incarnation,
    LogError, OrderId, PAYLOAD_BYTES_MAX, RecordedEvent, Sequence, StoredEvent,
};

use tracing::Instrument as _;

use crate::connection::Connection;
use crate::identity::StreamIdentity;
use batcher::Batcher;
use publisher::Publisher;
use reader::Reader;

pub(crate) use answer::{Answer, Pace, classify};
pub(crate) use message::{Decision, Message};
pub(crate) use retry::{Step, Tries};

pub use answer::NoAnswer;
pub use batcher::QueueFull;
pub use direct::ReplicaError;
pub use settle::Expired;

/// The log of all orders on the stream of [`crate::subject::EVENTS_STREAM`].
#[derive(Debug)]
pub struct JetStreamLog {
    identity: StreamIdentity,
    batcher: Batcher,
    reader: Reader,
}

/// Events that do not follow on the history they are to be appended to: a mistake of the caller, told before anything is
/// sent.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// There are none.
    #[error("there are no events to append")]
    Empty,
    /// One is longer than a payload may be.
    #[error("{0} bytes are more than a payload may have")]
    TooLong(usize),
    /// They do not continue the history.
    #[error("the events do not continue the history")]
    NotAContinuation(#[from] BrokenHistory),
}

impl JetStreamLog {
    /// The log over this connection. The stream must exist; `identity` says which one it is.
    ///
    /// Must be called within a tokio runtime: appends are driven by a task that ends when the log is dropped and what it
    /// was given is settled.
    pub fn open(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            batcher: Batcher::start(Publisher::new(connection)),
            reader: Reader::new(connection, identity.clone()),
            identity,
        }
    }
}

#[async_trait]
impl EventArchive for JetStreamLog {
    async fn events_of(&self, order: OrderId) -> Result<Vec<RecordedEvent>, LogError> {
        self.reader.recorded(order).await
    }
}

#[async_trait]
impl EventLog for JetStreamLog {
    fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError> {
        if self.identity.is_recreated() {
            return Err(LogError::Recreated);
        }
        self.reader.load(order, freshness).await
    }

    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError> {
        if self.identity.is_recreated() {
            return Err(AppendError::Recreated);
        }
        fits(base, &events).map_err(|unfit| AppendError::NotStored(unfit.into()))?;
        let newest_before = self.reader.newest_seen();
        let watch = meter::Watch::start();
        let appending = self.batcher.append(Decision::new(base, &events));
        let result = appending.instrument(watch.span.clone()).await;
        watch.end(&result);
        let last = result?;
        let first = Sequence::new((last.get() + 1).saturating_sub(events.len() as u64));
        if first <= newest_before {
            // It is stored, in a log that is not the one it was decided on: neither "done" nor "not stored" is true.
            self.identity.mark_recreated(&format!(
                "an append was stored at {first}, after {newest_before} was seen"
            ));
            return Err(AppendError::OutcomeUnknown(LogError::Recreated.into()));
        }
        let after = continued(base, &events, first)
            .map_err(|unfit| AppendError::OutcomeUnknown(unfit.into()))?;
        self.reader.remember(&after);
        Ok(after)
    }
}

fn fits(base: &History, events: &[Draft]) -> Result<(), Unfit> {
    if events.is_empty() {
        return Err(Unfit::Empty);
    }
    if let Some(draft) = events
        .iter()
        .find(|draft| draft.payload.len() > PAYLOAD_BYTES_MAX)
    {
        return Err(Unfit::TooLong(draft.payload.len()));
    }
    continued(base, events, base.last_sequence().next())?;
    Ok(())
}

/// The history with the events added, the first of them at `first`: those of one decision stand side by side.
fn continued(base: &History, events: &[Draft], first: Sequence) -> Result<History, BrokenHistory> {
    let mut history = base.clone();
    let mut sequence = first;
    for draft in events {
        let event = StoredEvent {
            sequence,
            hash: draft.hash,
            envelope: draft.envelope.clone(),
        };
        history.push(event.into())?;
        sequence = sequence.next();
    }
    Ok(history)
}
