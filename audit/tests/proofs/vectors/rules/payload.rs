//! Changes of one event's payload, and a log that ends in such an event.

use ordertrace_domain::{Draft, Envelope, EventId, Record, StoredEvent, Version};

use crate::sample::*;

/// The log up to a position, whose last event has another payload.
pub(super) fn ending_in(position: usize, edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Sample {
    ending_with(position, |record| {
        record.payload = edit(&record.payload).into();
    })
}

/// The log up to a position, whose last record is another.
pub(super) fn ending_with(position: usize, edit: impl FnOnce(&mut Record)) -> Sample {
    let mut records = records("history");
    records.truncate(position);
    edit(records.last_mut().unwrap());
    Sample::of(records, log_key())
}

/// The event with another envelope, written as ours are written.
pub(super) fn rewritten(payload: &[u8], edit: impl FnOnce(&mut Envelope)) -> Vec<u8> {
    let event = StoredEvent::read(ordertrace_domain::Sequence::START, payload);
    let mut envelope = event.unwrap().envelope;
    edit(&mut envelope);
    Draft::new(envelope).payload
}

/// Another version, and the id that follows from it.
pub(super) fn set_version(envelope: &mut Envelope, version: u64) {
    envelope.version = Version::new(version);
    envelope.event_id = EventId::derive(envelope.command_id, envelope.version);
}

/// Puts other bytes in the place of those that are right behind a key.
pub(super) fn with_value(payload: &[u8], key: &str, is: &[u8], becomes: &[u8]) -> Vec<u8> {
    let at = behind(payload, key);
    let rest = payload[at..].strip_prefix(is).expect("the value is there");
    [&payload[..at], becomes, rest].concat()
}

/// Puts another value in the place of that of `data`, the last one.
pub(super) fn with_data(payload: &[u8], data: &[u8]) -> Vec<u8> {
    [&payload[..behind(payload, "data")], data].concat()
}

/// Where the value of a key begins.
pub(super) fn behind(payload: &[u8], key: &str) -> usize {
    let written = written(key);
    let at = payload.windows(written.len()).position(|at| at == written);
    at.expect("the key is there") + written.len()
}

/// A short text in MessagePack.
pub(super) fn written(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 32, "{text:?} is no short text");
    [&[0xa0 | length], text.as_bytes()].concat()
}
