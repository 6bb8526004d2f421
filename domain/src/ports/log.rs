//! The log as commands need it: one order's history, and appends to it.

use async_trait::async_trait;

use super::Cause;
use crate::{BrokenHistory, Envelope, Hash, History, Incarnation, OrderId};

/// How recent a read has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A cache or a replica may answer, and may lag. Good enough to append on: the append's expectation catches it.
    MayBeStale,
    /// The stream's leader answers: everything that was acknowledged before is in it.
    Current,
}

/// An event ready to be stored: its envelope, and the bytes that are stored and hashed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The event.
    pub envelope: Envelope,
    /// Its payload.
    pub payload: Vec<u8>,
    /// SHA-256 of the payload.
    pub hash: Hash,
}

impl Draft {
    /// Encodes an event.
    pub fn new(envelope: Envelope) -> Self {
        let payload = envelope.encode();
        Self {
            hash: Hash::of(&payload),
            payload,
            envelope,
        }
    }
}

/// Why the log did not answer a read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Out of reach, without a leader, or too slow. Nothing changed; ask again later.
    #[error("the event log is not available")]
    Unavailable(#[source] Cause),
    /// This order's events make no history. It waits for an operator; other orders are not affected.
    #[error("the history of the order is broken")]
    Broken(#[from] BrokenHistory),
    /// The stream was deleted and created anew: it is another log. The process must not go on with what it knows.
    #[error("the event stream was deleted or re-created: it is another log now")]
    Recreated,
}

/// Why an append was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The order is not where the decision saw it. That may be our own earlier try: read back, look for the command.
    #[error("the order has moved on")]
    Conflict,
    /// Sent, and never answered within the budget: stored or not. Read back, or ask again with the same command.
    #[error("the log did not say whether the events were stored")]
    OutcomeUnknown(#[source] Cause),
    /// Certainly not stored: refused, or never sent.
    #[error("the events were not stored")]
    NotStored(#[source] Cause),
    /// See [`LogError::Recreated`]. Nothing was stored.
    #[error("the event stream was deleted or re-created: it is another log now")]
    Recreated,
}

/// The log of all orders, as commands need it.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Which log it is.
    fn incarnation(&self) -> Incarnation;

    /// All events of one order; an empty history if there is none.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn load(&self, order: OrderId, freshness: Freshness) -> Result<History, LogError>;

    /// Stores the events of one decision after those it was based on, all or none, and gives the history that results.
    ///
    /// # Errors
    /// See [`AppendError`].
    async fn append(&self, base: &History, events: Vec<Draft>) -> Result<History, AppendError>;
}
