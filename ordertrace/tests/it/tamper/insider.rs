//! What an insider does to the messages of a log.

use std::collections::HashMap;

use ordertrace_domain::message::{EXPECTED_LAST, ID, SCHEMA, TYPE};
use ordertrace_domain::testing::fixtures::events;
use ordertrace_domain::{CommandId, Envelope, EventId, Hash};

use crate::harness::Stored;

/// Ahead of the hash of the payload before it, in MessagePack: the field's name, and that 32 bytes follow.
const LINK: &[u8] = b"prev_hash\xc4\x20";

/// The index of an event in the second half of the log that is neither its order's first nor its last.
pub(super) fn within_an_order(messages: &[Stored]) -> usize {
    let has = |index: usize, others: &[Stored]| is_on(&messages[index].subject, others);
    let mut second_half = messages.len() / 2..messages.len();
    let found = second_half
        .find(|index| has(*index, &messages[..*index]) && has(*index, &messages[index + 1..]));
    found.expect("an order of three events")
}

/// The index of an event in the second half of the log that is its order's first and not its last.
pub(super) fn beginning_of_an_order(messages: &[Stored]) -> usize {
    let mut second_half = messages.len() / 2..messages.len();
    let found = second_half.find(|index| {
        let subject = &messages[*index].subject;
        !is_on(subject, &messages[..*index]) && is_on(subject, &messages[index + 1..])
    });
    found.expect("an order of two events")
}

/// The index of an event in the second half of the log that is its order's last.
pub(super) fn end_of_an_order(messages: &[Stored]) -> usize {
    let mut second_half = messages.len() / 2..messages.len();
    let found = second_half.find(|index| !is_on(&messages[*index].subject, &messages[index + 1..]));
    found.expect("every order has a last event")
}

fn is_on(subject: &str, messages: &[Stored]) -> bool {
    messages.iter().any(|message| message.subject == subject)
}

/// The index of the same order's next event.
pub(super) fn next_of_order(messages: &[Stored], index: usize) -> usize {
    let subject = &messages[index].subject;
    let rest = messages[index + 1..].iter();
    let mut rest = rest.zip(index + 1..);
    let found = rest.find(|(message, _)| message.subject == *subject);
    found.expect("a later event of the order").1
}

/// Closes gaps: each message gets the number of its place.
pub(super) fn renumber(messages: &mut [Stored]) {
    for (message, number) in messages.iter_mut().zip(1..) {
        message.sequence = number;
    }
}

/// Makes everything true again that messages say of each other: numbers, links, what was expected before them, and that
/// time does not go back.
pub(super) fn cover_up(messages: &mut [Stored]) {
    renumber(messages);
    let mut last: HashMap<String, (u64, Hash)> = HashMap::new();
    let mut now_ns = 0;
    for message in messages {
        let (sequence, hash) = last
            .get(&message.subject)
            .copied()
            .unwrap_or((0, Hash::ZERO));
        link(&mut message.payload, hash);
        if message.header(EXPECTED_LAST).is_some() {
            message.set_header(EXPECTED_LAST, Some(&sequence.to_string()));
        }
        now_ns = message.recorded_ns.max(now_ns + 1);
        message.recorded_ns = now_ns;
        let told = (message.sequence, Hash::of(&message.payload));
        last.insert(message.subject.clone(), told);
    }
}

/// Ties a payload to another one before it.
fn link(payload: &mut [u8], hash: Hash) {
    let at = find(payload, LINK) + LINK.len();
    payload[at..at + 32].copy_from_slice(hash.as_bytes());
}

/// What was bought becomes something else, and the payload can still be read.
pub(super) fn resell(payload: &mut [u8]) {
    let at = find(payload, b"Coffee");
    payload[at..at + 6].copy_from_slice(b"Toffee");
}

/// Where these bytes begin in a payload.
pub(super) fn find(payload: &[u8], bytes: &[u8]) -> usize {
    let at = payload.windows(bytes.len()).position(|it| it == bytes);
    at.expect("the payload has these bytes")
}

/// An event that never happened: the next one of the order that this message is the last of, and linked to it. It is to
/// stand right behind that message.
pub(super) fn forged_next(last: &Stored) -> Stored {
    let before = Envelope::decode(&last.payload).unwrap();
    let command_id = CommandId::from_uuid(before.event_id.as_uuid());
    let version = before.version.next();
    let event = events::order_completed();
    let event_type = event.event_type();
    let envelope = Envelope {
        event_id: EventId::derive(command_id, version),
        command_id,
        version,
        prev_hash: Hash::of(&last.payload),
        event,
        ..before
    };
    let mut forged = Stored {
        sequence: last.sequence + 1,
        recorded_ns: last.recorded_ns + 1,
        payload: envelope.encode(),
        ..last.clone()
    };
    for (name, value) in [
        (ID, envelope.event_id.to_string()),
        (TYPE, event_type.name.to_owned()),
        (SCHEMA, event_type.schema.to_string()),
        (EXPECTED_LAST, last.sequence.to_string()),
    ] {
        forged.set_header(name, Some(&value));
    }
    forged
}
