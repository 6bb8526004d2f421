//! Messages as consumers deliver them, and what is in them.
//!
//! Invariant: subject, headers and payload must say the same; a message in which they differ is handed on as unreadable,
//! never skipped.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use bytes::Bytes;
use ordertrace_domain::{
    DecodeError, FeedItem, RecordedEvent, Sequence, StoredEvent, Timestamp, UnreadableEvent,
};

use crate::log::headers_agree;
use crate::subject;

/// A message of a stream.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) sequence: Sequence,
    pub(crate) recorded_at: Timestamp,
    pub(crate) subject: String,
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) payload: Bytes,
}

/// The server's own time of a message. What is finer than a microsecond is cut off.
pub(crate) fn recorded_at(nanos: i128) -> Timestamp {
    Timestamp::from_micros(i64::try_from(nanos / 1_000).unwrap_or(i64::MAX))
}

impl Delivered {
    /// `None` if the message did not come from a consumer: somebody wrote into our inbox.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        let info = message.info().ok()?;
        Some(Self {
            sequence: Sequence::new(info.stream_sequence),
            recorded_at: recorded_at(info.published.unix_timestamp_nanos()),
            subject: message.subject.to_string(),
            headers: message.headers.clone(),
            payload: message.payload.clone(),
        })
    }

    /// The event in it.
    pub(crate) fn event(&self) -> FeedItem {
        let recorded_at = self.recorded_at;
        match self.read() {
            Ok(event) => FeedItem::Event(RecordedEvent {
                event: event.into(),
                recorded_at,
            }),
            Err(error) => FeedItem::Unreadable(UnreadableEvent {
                sequence: self.sequence,
                recorded_at,
                order_id: subject::parse_events(&self.subject),
                error,
            }),
        }
    }

    fn read(&self) -> Result<StoredEvent, DecodeError> {
        let event = StoredEvent::read(self.sequence, &self.payload)?;
        if subject::parse_events(&self.subject) != Some(event.envelope.order_id) {
            return Err(DecodeError::Mismatch(format!("subject {}", self.subject)));
        }
        let agree = |headers| headers_agree(headers, &event, &self.payload);
        if !self.headers.as_ref().is_some_and(agree) {
            return Err(DecodeError::Mismatch("its headers".to_owned()));
        }
        Ok(event)
    }
}
