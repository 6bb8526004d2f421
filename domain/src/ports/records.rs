//! The log as it is stored, byte for byte, as an audit reads it.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::{FeedError, LogError, RecordedEvent};
use crate::{DecodeError, Incarnation, OrderId, RecordedAt, Sequence, Timestamp, message};

/// A message of the log as it is stored. Nothing of it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub sequence: Sequence,
    /// When the log recorded it, to the nanosecond.
    pub recorded_at: RecordedAt,
    /// The subject it was published on.
    pub subject: String,
    /// Its headers, sorted by name; a name that is there twice is twice in here.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub payload: Bytes,
}

impl Record {
    /// The event in it, once its subject and its headers were found to say what its payload says. Whether it follows on
    /// the events before it is not looked at.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn read(&self) -> Result<RecordedEvent, DecodeError> {
        let values_of = |name| self.values_of(name);
        let event = message::read(self.sequence, &self.subject, &self.payload, values_of)?;
        Ok(RecordedEvent {
            event: event.into(),
            recorded_at: self.recorded_at.to_timestamp(),
        })
    }

    /// The values of the header of this name, in their order.
    pub fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.headers.iter().filter(move |(its, _)| its == name);
        of_name.map(|(_, value)| value.as_str())
    }
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
    /// an end ends there, and one that ends before it begins has nothing; one beyond what there is waits for it, and one
    /// order's are then handed on only when the log has come there. It outlives lost connections and restarts of the
    /// server; before its end it ends only after an error, or because this process has closed its connection.
    ///
    /// Among all messages a missing one ends the stream with [`FeedError::Gap`]; among those of one order nothing shows
    /// that one is missing but the payload after it. A log that ends before the span begins is another one:
    /// [`FeedError::Recreated`].
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
