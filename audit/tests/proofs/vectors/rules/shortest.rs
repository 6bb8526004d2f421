//! Envelopes whose maps or keys are written longer than they need be, or whose texts are bytes: values may be longer, these
//! may not.

use super::Vector;
use super::next_event::bad_second;
use super::payload::{behind, with_value, written};

/// The two bytes before a text of up to 255 bytes, where one would do.
fn text_8(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0xd9, length], text.as_bytes()].concat()
}

/// A text as bytes.
fn bytes(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0xc4, length], text.as_bytes()].concat()
}

/// A key in a longer form.
fn longer_key(key: &'static str) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |payload| {
        let behind = behind(payload, key);
        let at = behind - written(key).len();
        [&payload[..at], &text_8(key), &payload[behind..]].concat()
    }
}

/// The number of entries of the whole map in a longer form.
fn longer_head(payload: &[u8]) -> Vec<u8> {
    assert_eq!(payload[0], 0x8e);
    [&[0xde, 0, 14], &payload[1..]].concat()
}

/// The same of the map that `actor` is.
fn longer_actor(payload: &[u8]) -> Vec<u8> {
    with_value(payload, "actor", &[0x82], &[0xde, 0, 2])
}

/// A text in the place of which its bytes stand.
fn as_bytes(key: &'static str, text: &'static str) -> impl FnOnce(&[u8]) -> Vec<u8> {
    move |payload| with_value(payload, key, &written(text), &bytes(text))
}

pub(super) fn all() -> Vec<Vector> {
    vec![
        bad_second("payload-longer-key", longer_key("event_id")),
        bad_second("payload-longer-actor-key", longer_key("kind")),
        bad_second("payload-longer-head", longer_head),
        bad_second("payload-longer-actor", longer_actor),
        bad_second(
            "payload-type-as-bytes",
            as_bytes("type", "PaymentRequested"),
        ),
        bad_second("payload-kind-as-bytes", as_bytes("kind", "operator")),
        bad_second("payload-actor-as-bytes", as_bytes("id", "operator")),
    ]
}
