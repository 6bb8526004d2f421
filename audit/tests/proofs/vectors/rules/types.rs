//! Envelopes in which one value is of another type, or one key another.

use super::next_event::{bad_second, second};
use super::payload::{behind, with_value, written};
use super::{Vector, good_export};

const NIL: &[u8] = &[0xc0];
const TWO_POINT_0: &[u8] = &[0xca, 0x40, 0, 0, 0];

/// Puts a value in the place of the one behind a key, which takes up so many bytes.
fn replaced<'a>(
    key: &'a str,
    length: usize,
    becomes: &'a [u8],
) -> impl FnOnce(&[u8]) -> Vec<u8> + 'a {
    move |payload| {
        let at = behind(payload, key);
        [&payload[..at], becomes, &payload[at + length..]].concat()
    }
}

/// The number of entries that a map says to have, of which it has another.
fn miscounted(key: &'static str) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |payload| with_value(payload, key, &[0x82], &[0x83])
}

fn all_miscounted(payload: &[u8]) -> Vec<u8> {
    assert_eq!(payload[0], 0x8e);
    [&[0x8f], &payload[1..]].concat()
}

fn key_renamed(payload: &[u8]) -> Vec<u8> {
    let at = behind(payload, "occurred_at");
    [&payload[..at - 2], b"by", &payload[at..]].concat()
}

/// How many bytes a UUID takes up, a hash, a time of today.
const ID: usize = 18;
const HASH: usize = 34;
const TIME: usize = 9;

pub(super) fn all() -> Vec<Vector> {
    let text_id = [&[0xb0][..], &[b'x'; 16]].concat();
    let short_id = [&[0xc4, 15][..], &[7; 15]].concat();
    let array = [&[0xdc, 0, 32][..], &[7; 32]].concat();
    let time = [&[0xcf][..], &[0xff; 8]].concat();
    let name = written("operator");
    let (of_type, of_name) = (written("PaymentRequested").len(), name.len());
    vec![
        bad_second("payload-count", all_miscounted),
        bad_second("payload-actor-count", miscounted("actor")),
        bad_second("payload-key-renamed", key_renamed),
        bad_second(
            "payload-id-as-text",
            replaced("correlation_id", ID, &text_id),
        ),
        bad_second(
            "payload-id-short",
            replaced("correlation_id", ID, &short_id),
        ),
        bad_second(
            "payload-hash-as-array",
            replaced("command_hash", HASH, &array),
        ),
        bad_second(
            "payload-time-too-great",
            replaced("occurred_at", TIME, &time),
        ),
        bad_second("payload-type-null", replaced("type", of_type, NIL)),
        bad_second("payload-actor-null", replaced("id", of_name, NIL)),
        bad_second(
            "payload-version-text",
            replaced("version", 1, &written("2")),
        ),
        bad_second("payload-version-float", replaced("version", 1, TWO_POINT_0)),
        bad_second("payload-trace-number", replaced("traceparent", 1, &[1])),
        bad_second("payload-causation-text", replaced("causation_id", 1, &name)),
        good_export(
            "payload-trace-any-text",
            second(replaced("traceparent", 1, &name)),
        ),
    ]
}
