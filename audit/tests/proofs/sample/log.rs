//! The messages of the sample, and the keys that sign for it.

use std::iter;

use ordertrace_audit::{KeyUse, SecretKey};
use ordertrace_domain::testing::{ManualClock, fixtures};
use ordertrace_domain::{
    CommandId, Draft, Envelope, Event, EventId, Hash, OrderId, Record, RecordedAt, Sequence,
    StoredEvent, Version, event_subject, message,
};

pub(crate) const ORDERS: u64 = 12;
pub(crate) const EVENTS_EACH: u64 = 5;
pub(crate) const SIZE: u64 = ORDERS * EVENTS_EACH;

/// The name of the log's key.
pub(crate) const ORIGIN: &str = "vectors.example/orders";

/// When the log's stream was created.
pub(crate) const CREATED: u64 = 1_700_000_000_000_000_000;

pub(crate) fn log_key() -> SecretKey {
    SecretKey::from_seed(ORIGIN, KeyUse::Log, [1; 32]).unwrap()
}

pub(crate) fn witness_key() -> SecretKey {
    SecretKey::from_seed("vectors.example/witness", KeyUse::Witness, [2; 32]).unwrap()
}

/// A key of the log's name that is not the log's.
pub(crate) fn forged_key() -> SecretKey {
    SecretKey::from_seed(ORIGIN, KeyUse::Log, [3; 32]).unwrap()
}

/// The log's key of another log.
pub(crate) fn other_key() -> SecretKey {
    SecretKey::from_seed("vectors.example/another", KeyUse::Log, [4; 32]).unwrap()
}

/// A version 8 UUID that follows from a text.
fn uuid(text: &str) -> String {
    let hex = Hash::of(text.as_bytes()).to_string();
    format!(
        "{}-{}-8{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

pub(crate) fn order(number: u64) -> OrderId {
    OrderId::parse(&uuid(&format!("order {number}"))).unwrap()
}

/// What happens to an order, one event after the other.
fn events() -> [Event; EVENTS_EACH as usize] {
    use fixtures::events;
    [
        events::order_placed(fixtures::cash()),
        events::payment_requested(fixtures::cash()),
        events::payment_approved(None),
        events::delivery_prepared(2),
        events::delivery_started(1),
    ]
}

/// The records of the log, of which another history has other command ids.
pub(crate) fn records(history: &str) -> Vec<Record> {
    records_of(history, ORDERS as usize)
}

/// The same of a log with so many orders.
pub(crate) fn records_of(history: &str, orders: usize) -> Vec<Record> {
    let mut records = Vec::new();
    let mut last = vec![(Hash::ZERO, 0); orders];
    for (version, event) in (1..).zip(events()) {
        for (number, (prev_hash, expected)) in (1..).zip(&mut last) {
            let envelope = envelope(history, number, version, *prev_hash, event.clone());
            let draft = Draft::new(envelope);
            let position = records.len() as u64 + 1;
            records.push(record(position, order(number), &draft.payload, *expected));
            (*prev_hash, *expected) = (draft.hash, position);
        }
    }
    records
}

fn envelope(history: &str, number: u64, version: u64, prev_hash: Hash, event: Event) -> Envelope {
    let version = Version::new(version);
    let command_id = CommandId::parse(&uuid(&format!("{history} {number} {version}"))).unwrap();
    Envelope {
        event_id: EventId::derive(command_id, version),
        order_id: order(number),
        version,
        occurred_at: ManualClock::START,
        command_id,
        command_hash: fixtures::commands::start_delivery().hash(),
        causation_id: None,
        correlation_id: command_id.into(),
        traceparent: None,
        actor: fixtures::operator(),
        prev_hash,
        event,
    }
}

/// A message with the headers that it has on JetStream.
fn record(position: u64, order: OrderId, payload: &[u8], expected: u64) -> Record {
    let event = StoredEvent::read(Sequence::new(position), payload).unwrap();
    let own = message::headers_of(event.envelope.event_id, payload).unwrap();
    let own = own.map(|(name, value)| (name.to_owned(), value.into_owned()));
    let expected = (message::EXPECTED_LAST.to_owned(), expected.to_string());
    Record {
        sequence: Sequence::new(position),
        recorded_at: recorded_at(position),
        subject: event_subject(order),
        headers: iter::once(expected).chain(own).collect(),
        payload: payload.to_vec().into(),
    }
}

fn recorded_at(position: u64) -> RecordedAt {
    let nanos = CREATED + position * 123_456_789;
    RecordedAt::from_nanos(i64::try_from(nanos).unwrap())
}

/// A message that somebody else wrote to the subject of the third order, in place of the eighth, which all others go on
/// behind.
pub(crate) fn with_rubbish(records: Vec<Record>) -> Vec<Record> {
    let mut records = records;
    let mut rubbish = records[7].clone();
    rubbish.subject = event_subject(order(3));
    rubbish.payload = b"rubbish".to_vec().into();
    rubbish.headers.clear();
    records.insert(7, rubbish);
    for (position, record) in (1..).zip(&mut records) {
        record.sequence = Sequence::new(position);
        record.recorded_at = recorded_at(position);
    }
    records
}
