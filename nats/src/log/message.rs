//! Messages of the stream: how a decision becomes messages, and how a stored message becomes an event again.
//!
//! Invariant: the headers repeat what the payload says, for the server and for a human with the `nats` CLI, and never say
//! anything else. A stored message in which they differ was written by somebody else.

use async_nats::HeaderMap;
use async_nats::header::{
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID,
};
use bytes::Bytes;
use ordertrace_domain::{BrokenHistory, Draft, Hash, History, OrderId, Sequence, StoredEvent};
use serde::Deserialize;

use crate::subject::{EVENTS_STREAM, events_of};

/// The header that repeats the event's name.
pub(crate) const TYPE: &str = "Ordertrace-Type";
/// The header that repeats the number of the event's schema.
pub(crate) const SCHEMA: &str = "Ordertrace-Schema";

/// A message to be published.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) payload: Bytes,
}

/// The events of one decision as they go over the wire, the same at every try.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) order: OrderId,
    pub(super) subject: String,
    /// Where the order's last event stands, if nobody was quicker.
    pub(super) expected: Sequence,
    /// Never empty.
    pub(super) messages: Vec<Message>,
    /// A number that is the decision's own, to spread its retries in time.
    pub(super) seed: u64,
}

impl Decision {
    pub(super) fn new(base: &History, events: &[Draft]) -> Self {
        let expected = base.last_sequence();
        let mut messages: Vec<Message> = events.iter().map(message).collect();
        // The expectation is a matter of the order, so only its first message in a batch carries it (ADR-50).
        if let Some(first) = messages.first_mut() {
            first.headers.insert(
                NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
                expected.get().to_string(),
            );
        }
        Self {
            order: base.order_id(),
            subject: events_of(base.order_id()),
            expected,
            messages,
            seed: events.first().map_or(0, seed),
        }
    }
}

/// A stored message, from whichever of the server's reads.
#[derive(Debug)]
pub(super) struct StoredMessage {
    pub(super) sequence: Sequence,
    pub(super) headers: HeaderMap,
    pub(super) payload: Bytes,
}

impl StoredMessage {
    /// Whether it is this event.
    pub(super) fn is(&self, event: &StoredEvent) -> bool {
        self.sequence == event.sequence && Hash::of(&self.payload) == event.hash
    }

    /// The event in it.
    pub(super) fn read(&self) -> Result<StoredEvent, BrokenHistory> {
        let sequence = self.sequence;
        let event = StoredEvent::read(sequence, &self.payload)
            .map_err(|error| BrokenHistory::Unreadable { sequence, error })?;
        if headers_agree(&self.headers, &event, &self.payload) {
            Ok(event)
        } else {
            Err(BrokenHistory::HeaderMismatch { sequence })
        }
    }
}

/// Whether a stored message's headers say what its payload says.
pub(crate) fn headers_agree(headers: &HeaderMap, event: &StoredEvent, payload: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.as_str());
    let Ok(written) = rmp_serde::from_slice::<Written<'_>>(payload) else {
        return false;
    };
    headers.get(NATS_MESSAGE_ID).map(|value| value.as_str())
        == Some(event.envelope.event_id.to_string().as_str())
        && header(TYPE) == Some(written.r#type)
        && header(SCHEMA) == Some(written.schema.to_string().as_str())
}

/// What a payload says of its type. An envelope that was read has been lifted to the newest schema, so it can't tell.
#[derive(Deserialize)]
struct Written<'a> {
    r#type: &'a str,
    schema: u16,
}

fn message(draft: &Draft) -> Message {
    let event_type = draft.envelope.event.event_type();
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, draft.envelope.event_id.to_string());
    headers.insert(NATS_EXPECTED_STREAM, EVENTS_STREAM);
    headers.insert(TYPE, event_type.name);
    headers.insert(SCHEMA, event_type.schema.to_string());
    Message {
        headers,
        payload: Bytes::from(draft.payload.clone()),
    }
}

/// Event ids are digests, so any of their bytes will do.
fn seed(draft: &Draft) -> u64 {
    let id = draft.envelope.event_id.as_bytes();
    id.iter()
        .fold(0, |seed: u64, byte| seed.rotate_left(8) ^ u64::from(*byte))
}
