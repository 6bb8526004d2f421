//! The log as it is stored, byte for byte, as an audit reads it.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::{FeedError, LogError};
use crate::{Incarnation, OrderId, RecordedAt, Sequence, Timestamp};

/// A message of the log as it is stored. Nothing of it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub sequence: Sequence,
    /// When the log recorded it, to the nanosecond.
    pub recorded_at: RecordedAt,
    /// The subject it was published on.
    pub subject: String,
    /// Its headers, by name; a name that is there twice is twice in here.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub payload: Bytes,
}

/// How much there is of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where the first message stands; 1, unless somebody removed the beginning.
    pub first: Sequence,
    /// Where the last message stands; [`Sequence::START`] in an empty log.
    pub last: Sequence,
    /// How many messages there are; `last - first + 1`, unless some are missing in between.
    pub messages: u64,
}

/// Which part of the log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Only what stands after this.
    pub after: Sequence,
    /// And not after this; without it, what will come is read as well.
    pub upto: Option<Sequence>,
}

/// The log as it is stored.
#[async_trait]
pub trait Records: Send + Sync {
    /// Which log it is.
    fn incarnation(&self) -> Incarnation;

    /// How much there is of it at this moment, by the word of its leader.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn extent(&self) -> Result<Extent, LogError>;

    /// The messages of a span in the order of the log, each once: all of them, or those on one order's subject. A span with
    /// an end ends there; one beyond what there is waits for it. It outlives lost connections and restarts of the server.
    ///
    /// Among all messages a missing one ends the stream with [`FeedError::Gap`]; among those of one order nothing shows
    /// that one is missing but its payload.
    fn scan(
        &self,
        span: Span,
        of: Option<OrderId>,
    ) -> BoxStream<'static, Result<Record, FeedError>>;

    /// Where the first message stands that was recorded at this time or later; none if all are older. It costs one request.
    ///
    /// # Errors
    /// See [`LogError`].
    async fn first_since(&self, time: Timestamp) -> Result<Option<Sequence>, LogError>;
}
