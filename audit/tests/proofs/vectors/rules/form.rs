//! Bytes that are not in the one form, each in one place.

use ordertrace_domain::RecordedAt;

use super::payload::ending_with;
use super::{Vector, bad_bundle, bad_checkpoint, bad_export, good_export, sought};
use crate::bytes::{edited, edited_bundle, replace};
use crate::sample::*;

const NOT_CANONICAL: &str = "not-canonical";

/// The last nanosecond of 64 bits.
const LATEST: &str = "2262-04-11T23:47:16.854775807Z";
/// The first one.
const EARLIEST: &str = "1677-09-21T00:12:43.145224192Z";

/// A log whose last event was recorded at this time.
fn recorded_at(nanos: i64) -> Vec<u8> {
    let log = ending_with(3, |record| {
        record.recorded_at = RecordedAt::from_nanos(nanos)
    });
    log.complete(3)
}

pub(super) fn exports() -> Vec<Vector> {
    let part = Sample::of(records("history")[..13].to_vec(), log_key());
    let part = part.part(&sought(&part, 1, 13), |record| record.sequence.get() > 11);
    let edit = |line: usize, is: &str, becomes: &str| {
        edited(&part, |lines| replace(&mut lines[line], is, becomes))
    };
    let bad = |name, bytes| bad_export(name, bytes, NOT_CANONICAL);
    let late = edited(&recorded_at(i64::MAX), |lines| {
        replace(&mut lines[3], LATEST, "2262-04-11T23:47:16.854775808Z");
    });
    let early = edited(&recorded_at(i64::MIN), |lines| {
        replace(&mut lines[3], EARLIEST, "1677-09-21T00:12:43.145224191Z");
    });
    let short = edited(&part, |lines| with_proof_hash(&mut lines[1], &[0; 31]));
    let long = edited(&part, |lines| with_proof_hash(&mut lines[1], &[0; 33]));
    let filter = "{\"customer\":\"somebody\"}";
    vec![
        good_export("time-latest", recorded_at(i64::MAX)),
        good_export("time-earliest", recorded_at(i64::MIN)),
        bad("time-too-late", late),
        bad("time-too-early", early),
        bad(
            "number-too-great",
            edit(3, "\"last\":13", "\"last\":18446744073709551616"),
        ),
        bad("proof-31-bytes", short),
        bad("proof-33-bytes", long),
        bad(
            "incarnation-zero",
            edit(0, "\"incarnation\":\"1", "\"incarnation\":\"01"),
        ),
        bad("filter-empty", edit(0, filter, "{}")),
        bad("filter-number", edit(0, "\"somebody\"", "1")),
        bad("filter-null", edit(0, "\"somebody\"", "null")),
        bad("filter-unknown", edit(0, "\"customer\"", "\"courier\"")),
        bad(
            "filter-key-order",
            edit(
                0,
                filter,
                "{\"customer\":\"somebody\",\"actor\":\"anybody\"}",
            ),
        ),
        bad("origin-control", with_control_character()).keyless(),
        bad("size-none", Sample::new().complete(0)),
    ]
}

/// Puts so many zeros in the place of the first hash of a proof.
fn with_proof_hash(line: &mut String, bytes: &[u8]) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let begin = line.find("\"proof\":[\"").unwrap() + 10;
    let end = begin + line[begin..].find('"').unwrap();
    line.replace_range(begin..end, &STANDARD.encode(bytes));
}

/// An export of a log whose name has a control character in it, which no note has.
fn with_control_character() -> Vec<u8> {
    edited(&Sample::new().complete(3), |lines| {
        replace(&mut lines[0], "/orders", "/\\u0001orders");
        replace(&mut lines[4], "/orders", "/\\u0001orders");
    })
}

pub(super) fn bundles() -> Vec<Vector> {
    let good = Sample::new().bundle(1, 13, None);
    let bytes = good.to_json();
    let (order, hash) = (good.order.to_string(), good.map.tip.hash.to_string());
    let edit = |is: &str, becomes: &str| edited_bundle(&bytes, |text| replace(text, is, becomes));
    let bad = |name, bytes| bad_bundle(name, bytes, NOT_CANONICAL);
    let (upper_order, upper_hash) = (order.to_uppercase(), hash.to_uppercase());
    assert!(upper_order != order && upper_hash != hash);
    let short = edited_bundle(&bytes, |text| with_proof_hash(text, &[0; 31]));
    let position = edit("{\"position\":1,", "{\"position\":18446744073709551616,");
    let version = edit("{\"version\":2,", "{\"version\":4294967298,");
    vec![
        bad("order-uppercase", edit(&order, &upper_order)),
        bad("last-hash-uppercase", edit(&hash, &upper_hash)),
        bad("proof-31-bytes", short),
        bad("number-too-great", position),
        bad("version-none", edit("{\"version\":2,", "{\"version\":0,")),
        bad("version-too-great", version),
    ]
}

pub(super) fn checkpoints() -> Vec<Vector> {
    let good = Sample::new().checkpoint(SIZE).as_str().to_owned();
    let bad = |name, is: &str, becomes: &str| {
        let note = good.replacen(is, becomes, 1);
        assert_ne!(note, good);
        bad_checkpoint(name, &note, "unreadable-checkpoint").keyless()
    };
    vec![
        bad("origin-control", "/orders", "/\u{1}orders"),
        bad("origin-space", "/orders", "/ orders"),
        bad("origin-plus", "/orders", "/+orders"),
        bad("size-none", "\n60\n", "\n0\n"),
        bad("size-too-great", "\n60\n", "\n18446744073709551616\n"),
        bad("incarnation-zero", "incarnation 1", "incarnation 01"),
        bad("name-plus", "— vectors", "— +vectors"),
    ]
}
