//! Messages as consumers deliver them, and what is in them.
//!
//! Invariant: subject, headers and payload must say the same; a message in which they differ is handed on as unreadable,
//! never skipped. As a record it is handed on as it is, and nothing of it is looked at.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::{Info, StreamMessage};
use bytes::Bytes;
use ordertrace_domain::{
    DecodeError, FeedItem, Record, RecordedAt, RecordedEvent, Sequence, StoredEvent,
    UnreadableEvent, message,
};

use crate::subject;

/// A message of a stream.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) sequence: Sequence,
    pub(crate) recorded_at: RecordedAt,
    pub(crate) subject: String,
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) payload: Bytes,
}

/// The server's own time of a message; the far ends of the range become the nearest that can be shown.
pub(crate) fn recorded_at(nanos: i128) -> RecordedAt {
    let end = if nanos < 0 { i64::MIN } else { i64::MAX };
    RecordedAt::from_nanos(i64::try_from(nanos).unwrap_or(end))
}

/// The values of a header, in their order.
pub(crate) fn values_of<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).map(|value| value.as_str())
}

impl From<StreamMessage> for Delivered {
    fn from(message: StreamMessage) -> Self {
        Self {
            sequence: Sequence::new(message.sequence),
            recorded_at: recorded_at(message.time.unix_timestamp_nanos()),
            subject: message.subject.to_string(),
            headers: Some(message.headers),
            payload: message.payload,
        }
    }
}

impl Delivered {
    /// `None` if the message did not come from a consumer: somebody wrote into our inbox.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        let (sequence, recorded_at) = place_of(&message.info().ok()?);
        Some(Self {
            sequence,
            recorded_at,
            subject: message.subject.to_string(),
            headers: message.headers.clone(),
            payload: message.payload.clone(),
        })
    }

    /// The same, of a message that nobody needs any more: its headers are not copied.
    pub(crate) fn taken(message: Message) -> Option<Self> {
        let (sequence, recorded_at) = place_of(&message.info().ok()?);
        let message = message.message;
        Some(Self {
            sequence,
            recorded_at,
            subject: message.subject.to_string(),
            headers: message.headers,
            payload: message.payload,
        })
    }

    /// The event in it.
    pub(crate) fn event(&self) -> FeedItem {
        let recorded_at = self.recorded_at.to_timestamp();
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

    /// It as it is stored.
    pub(crate) fn record(self) -> Record {
        Record {
            sequence: self.sequence,
            recorded_at: self.recorded_at,
            subject: self.subject,
            headers: self.headers.map(sorted).unwrap_or_default(),
            payload: self.payload,
        }
    }

    fn read(&self) -> Result<StoredEvent, DecodeError> {
        let headers = self.headers.as_ref();
        let values = |name| {
            headers
                .into_iter()
                .flat_map(move |all| values_of(all, name))
        };
        message::read(self.sequence, &self.subject, &self.payload, values)
    }
}

fn place_of(info: &Info<'_>) -> (Sequence, RecordedAt) {
    let sequence = Sequence::new(info.stream_sequence);
    (sequence, recorded_at(info.published.unix_timestamp_nanos()))
}

/// The headers by name; the values of one name stay in their order.
fn sorted(headers: HeaderMap) -> Vec<(String, String)> {
    let each = headers.iter().flat_map(|(name, values)| {
        let values = values.iter();
        values.map(move |value| (name.to_string(), value.as_str().to_owned()))
    });
    let mut all: Vec<_> = each.collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}
