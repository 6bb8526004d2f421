//! What the next event of an order is: complete exports whose last event breaks one rule, or just keeps it.

use ordertrace_domain::{EventId, Hash, PAYLOAD_BYTES_MAX, Version, event_subject};

use super::payload::{
    behind, ending_in, ending_with, rewritten, set_version, with_data, with_value, written,
};
use super::{Vector, bad_bundle, bad_export, good_export};
use crate::sample::*;

/// The first order's third event.
const THIRD: u64 = 2 * ORDERS + 1;
/// The first order's second event.
const SECOND: u64 = ORDERS + 1;
/// The last order's first event.
const FIRST: u64 = ORDERS;

/// How deep maps and arrays may nest within `data`.
const DEPTH_MAX: usize = 14;

fn complete(log: &Sample) -> Vec<u8> {
    log.complete(log.size())
}

/// A log whose last event is an order's second one, with another payload.
pub(super) fn second(edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    complete(&ending_in(SECOND as usize, edit))
}

pub(super) fn bad_second(name: &str, edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vector {
    bad_export(name, second(edit), "broken-chain").at(SECOND)
}

/// `data` with one entry, of which the bytes of the value are these.
fn data(value: &[u8]) -> Vec<u8> {
    [&[0x81][..], &written("any"), value].concat()
}

/// An empty array within arrays: so many of them in all.
fn nested(arrays: usize) -> Vec<u8> {
    [vec![0x91; arrays - 1], vec![0x90]].concat()
}

/// A payload of so many bytes.
fn long(payload: &[u8], length: usize) -> Vec<u8> {
    const BIN_32: u8 = 0xc6;
    let without = with_data(payload, &data(&[BIN_32, 0, 0, 0, 0]));
    let bytes = length - without.len();
    let size = u32::try_from(bytes).unwrap().to_be_bytes();
    let value = [&[BIN_32][..], &size, &vec![0; bytes]].concat();
    with_data(payload, &data(&value))
}

/// The same with `command_id` behind `command_hash`.
fn keys_swapped(payload: &[u8]) -> Vec<u8> {
    let [id, hash, next] = ["command_id", "command_hash", "causation_id"]
        .map(|key| behind(payload, key) - written(key).len());
    let [before, rest] = [&payload[..id], &payload[next..]];
    [before, &payload[hash..next], &payload[id..hash], rest].concat()
}

/// The same with an entry more in `actor`.
fn with_actor_entry(payload: &[u8]) -> Vec<u8> {
    let payload = with_value(payload, "actor", &[0x82], &[0x83]);
    let at = behind(&payload, "prev_hash") - written("prev_hash").len();
    let entry = [written("more"), written("one")].concat();
    [&payload[..at], &entry, &payload[at..]].concat()
}

/// The same with numbers, bytes and texts in longer forms than they need.
fn longer_values(payload: &[u8]) -> Vec<u8> {
    let payload = with_value(payload, "version", &[2], &[0xcd, 0, 2]);
    let payload = with_value(&payload, "order_id", &[0xc4, 16], &[0xc5, 0, 16]);
    with_value(&payload, "type", &[0xb0], &[0xd9, 16])
}

/// Payloads that are no envelope, or just one.
pub(super) fn payloads() -> Vec<Vector> {
    let no_text = [0xa1, 0xff];
    let name = |payload: &[u8]| with_value(payload, "id", &written("operator"), &no_text);
    let short = |payload: &[u8]| payload[..payload.len() - 1].to_vec();
    let after = |payload: &[u8]| [payload, &[0xc0]].concat();
    let no_map = |payload: &[u8]| with_data(payload, &[0x90]);
    let within = |value: Vec<u8>| move |payload: &[u8]| with_data(payload, &data(&value));
    let of_length = |length| move |payload: &[u8]| long(payload, length);
    vec![
        bad_second("payload-too-long", of_length(PAYLOAD_BYTES_MAX + 1)),
        good_export("payload-longest", second(of_length(PAYLOAD_BYTES_MAX))),
        bad_second("payload-cut-off", short),
        bad_second("payload-byte-after", after),
        bad_second("payload-keys-swapped", keys_swapped),
        bad_second("payload-data-no-map", no_map),
        bad_second("payload-too-deep", within(nested(DEPTH_MAX + 1))),
        good_export("payload-deep", second(within(nested(DEPTH_MAX)))),
        bad_second("payload-actor-entry", with_actor_entry),
        bad_second("payload-no-utf-8", name),
        good_export("payload-data-no-utf-8", second(within(no_text.to_vec()))),
        good_export("payload-longer-values", second(longer_values)),
    ]
}

/// Envelopes that are whole, and are not their order's next.
pub(super) fn links() -> Vec<Vector> {
    let version = |version| {
        move |payload: &[u8]| rewritten(payload, |envelope| set_version(envelope, version))
    };
    let order_id = |payload: &[u8]| rewritten(payload, |envelope| envelope.order_id = order(2));
    let prev_hash = |payload: &[u8]| {
        rewritten(payload, |envelope| {
            envelope.prev_hash = Hash::of(b"another");
        })
    };
    let event_id = |payload: &[u8]| {
        rewritten(payload, |envelope| {
            envelope.event_id = EventId::derive(envelope.command_id, Version::new(3));
        })
    };
    let of_type = |is: &'static str, becomes: &'static str| {
        move |payload: &[u8]| with_value(payload, "type", &written(is), &written(becomes))
    };
    let placed = of_type("PaymentRequested", "OrderPlaced");
    let first = ending_in(FIRST as usize, of_type("OrderPlaced", "PaymentRequested"));
    let unknown = of_type("PaymentRequested", "NeverHeardOf");
    let again = ending_in(THIRD as usize, version(2));
    let first_linked = ending_in(FIRST as usize, prev_hash);
    vec![
        bad_second("version-skipped", version(3)),
        bad_export("version-again", complete(&again), "broken-chain").at(THIRD),
        bad_second("order-id", order_id),
        bad_second("prev-hash", prev_hash),
        bad_second("event-id", event_id),
        bad_second("placed-second", placed),
        bad_export("placed-not-first", complete(&first), "broken-chain").at(FIRST),
        bad_export("linked-first", complete(&first_linked), "broken-chain").at(FIRST),
        bad_export(
            "shard-of-another",
            complete(&of_other_shard()),
            "broken-chain",
        )
        .at(SECOND),
        bad_export(
            "shard-three-digits",
            complete(&of_long_shard()),
            "broken-chain",
        )
        .at(SECOND),
        bad_bundle("event-id", bundle_of(event_id), "broken-chain").at(SECOND),
        bad_bundle("order-id", bundle_of(order_id), "broken-chain").at(SECOND),
        good_export("type-unknown", second(unknown)),
    ]
}

/// A log whose last event stands under a subject with another order's shard.
fn of_other_shard() -> Sample {
    with_shard(|shard| format!("{:02}", (shard + 1) % 16))
}

/// The same with a shard that would be the right one, were it not for its form.
fn of_long_shard() -> Sample {
    with_shard(|shard| format!("{shard:03}"))
}

fn with_shard(write: impl FnOnce(u8) -> String) -> Sample {
    ending_with(SECOND as usize, |record| {
        let (before, rest) = record.subject.split_at("ordertrace.events.".len());
        let (shard, order) = rest.split_once('.').unwrap();
        let shard = write(shard.parse().unwrap());
        record.subject = format!("{before}{shard}.{order}");
        assert_ne!(record.subject, event_subject(crate::sample::order(1)));
    })
}

/// A bundle of the first order's first event, and of a second one with another payload.
fn bundle_of(edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    ending_in(SECOND as usize, edit)
        .bundle(1, SECOND, None)
        .to_json()
}
