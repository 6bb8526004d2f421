//! What a stored message says beside its payload: its subject and its headers.
//!
//! Invariant: the payload alone is the event. Subject and headers repeat some of it, for the server and for a human with
//! the `nats` CLI; a message in which they say something else was written by somebody else, and is no event. The headers
//! that say what was expected before the message are not compared here: that takes the messages before it.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{DecodeError, EventId, Sequence, StoredEvent, order_of_subject};

/// The header that repeats the event's id; the server drops a second message of one id.
pub const ID: &str = "Nats-Msg-Id";
/// The header that repeats the event's name.
pub const TYPE: &str = "Ordertrace-Type";
/// The header that repeats the number of the schema that the event was written in.
pub const SCHEMA: &str = "Ordertrace-Schema";
/// The header that says where the order's last message stood, on the first message of each decision: the server stored it
/// because that was so.
pub const EXPECTED_LAST: &str = "Nats-Expected-Last-Subject-Sequence";
/// The header by which [`EXPECTED_LAST`] speaks of other subjects. Nothing of ours writes it.
pub const EXPECTED_LAST_OF: &str = "Nats-Expected-Last-Subject-Sequence-Subject";
/// The header that names the stream that the message was meant for.
pub const EXPECTED_STREAM: &str = "Nats-Expected-Stream";

/// The headers that repeat what the payload says, by name; the event's id is what was read of it. `None` if the payload is
/// no event's. The event need not be one that this version of the program knows.
pub fn headers_of(event_id: EventId, payload: &[u8]) -> Option<[(&'static str, Cow<'_, str>); 3]> {
    let written: Written<'_> = rmp_serde::from_slice(payload).ok()?;
    Some([
        (ID, event_id.to_string().into()),
        (SCHEMA, written.schema.to_string().into()),
        (TYPE, written.r#type.into()),
    ])
}

/// Whether a message's headers say what its payload says, each of them once. `values_of` gives the values of a header.
pub fn headers_agree<'h, V: Iterator<Item = &'h str>>(
    event: &StoredEvent,
    payload: &[u8],
    values_of: impl Fn(&'static str) -> V,
) -> bool {
    headers_of(event.envelope.event_id, payload).is_some_and(|headers| {
        let mut headers = headers.iter();
        headers.all(|(name, text)| says_once(values_of(name), text))
    })
}

/// Whether these values of a header are this one and no other.
pub fn says_once<'h>(mut values: impl Iterator<Item = &'h str>, text: &str) -> bool {
    values.next() == Some(text) && values.next().is_none()
}

/// Reads the event in a stored message. `values_of` gives the values of a header.
///
/// # Errors
/// See [`DecodeError`]; [`DecodeError::Mismatch`] if the subject is not the order's, or a header says something else.
pub fn read<'h, V: Iterator<Item = &'h str>>(
    sequence: Sequence,
    subject: &str,
    payload: &[u8],
    values_of: impl Fn(&'static str) -> V,
) -> Result<StoredEvent, DecodeError> {
    let event = StoredEvent::read(sequence, payload)?;
    if order_of_subject(subject) != Some(event.envelope.order_id) {
        return Err(DecodeError::Mismatch(format!("subject {subject}")));
    }
    if headers_agree(&event, payload, values_of) {
        Ok(event)
    } else {
        Err(DecodeError::Mismatch("its headers".to_owned()))
    }
}

/// What a payload says of its type. An envelope that was read has been lifted to the newest schema, so it can't tell.
#[derive(Deserialize)]
struct Written<'a> {
    r#type: &'a str,
    schema: u16,
}
