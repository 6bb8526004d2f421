//! One message of the log in memory.
//!
//! Invariant: it has the subject, the headers and the bytes that it would have on JetStream, but for what marks a batch,
//! and what is in it is read from them.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    DecodeError, FeedItem, OrderId, Record, RecordedAt, RecordedEvent, Sequence, StoredEvent,
    Timestamp, UnreadableEvent, event_subject, message, order_of_subject,
};

/// What the messages of the log name as their stream.
const STREAM: &str = "ORDERTRACE_EVENTS";

/// A message, read when it was written.
#[derive(Clone)]
pub(super) struct Message {
    record: Record,
    content: Result<Arc<StoredEvent>, DecodeError>,
}

impl Message {
    /// The message that a process of ours writes for this payload. One that is no event gets no headers.
    pub(super) fn written(
        sequence: Sequence,
        order: OrderId,
        payload: &[u8],
        expected: Option<Sequence>,
        recorded_at: Timestamp,
    ) -> Self {
        Self::of(Record {
            sequence,
            recorded_at: RecordedAt::from_nanos(recorded_at.micros().saturating_mul(1_000)),
            subject: event_subject(order),
            headers: headers(sequence, payload, expected),
            payload: Bytes::copy_from_slice(payload),
        })
    }

    fn of(record: Record) -> Self {
        let content = record.read().map(|recorded| recorded.event);
        Self { record, content }
    }

    /// Makes it another message in the same place.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Record)) {
        let mut record = self.record.clone();
        change(&mut record);
        record.sequence = self.record.sequence;
        *self = Self::of(record);
    }

    /// Whose subject it is on.
    pub(super) fn order_id(&self) -> Option<OrderId> {
        order_of_subject(&self.record.subject)
    }

    pub(super) const fn record(&self) -> &Record {
        &self.record
    }

    pub(super) fn item(&self) -> FeedItem {
        let recorded_at = self.record.recorded_at.to_timestamp();
        match &self.content {
            Ok(event) => FeedItem::Event(RecordedEvent {
                event: Arc::clone(event),
                recorded_at,
            }),
            Err(error) => FeedItem::Unreadable(UnreadableEvent {
                sequence: self.record.sequence,
                recorded_at,
                order_id: self.order_id(),
                error: error.clone(),
            }),
        }
    }
}

/// The headers by their names, in the order of those.
fn headers(
    sequence: Sequence,
    payload: &[u8],
    expected: Option<Sequence>,
) -> Vec<(String, String)> {
    let expectation = expected.map(|last| (message::EXPECTED_LAST, last.to_string()));
    let event = StoredEvent::read(sequence, payload).ok();
    let own = event.and_then(|event| message::headers_of(event.envelope.event_id, payload));
    let stream = own
        .is_some()
        .then(|| (message::EXPECTED_STREAM, STREAM.to_owned()));
    let own = own.into_iter().flatten();
    let own = own.map(|(name, text)| (name, text.into_owned()));
    let all = expectation.into_iter().chain(stream).chain(own);
    all.map(|(name, text)| (name.to_owned(), text)).collect()
}
