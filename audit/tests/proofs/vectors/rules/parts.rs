//! Parts of the log: what is checked of an event without those between it and its order's event before it in the file.

use ordertrace_domain::{EventId, Hash, Version, event_subject};

use super::payload::{ending_in, ending_with, rewritten, set_version};
use super::{Vector, bad_export, good_export, sought};
use crate::sample::*;

/// The last order's first event.
const FIRST: u64 = ORDERS;
/// The first order's third event.
const THIRD: u64 = 2 * ORDERS + 1;

/// The longest subject whose length has room in a leaf.
const SUBJECT_BYTES_MAX: usize = 65_535;

/// The last event of a log.
fn last_of(log: &Sample) -> Vec<u8> {
    let size = log.size();
    log.part(&sought(log, 1, size), |record| {
        record.sequence.get() == size
    })
}

/// All events of the first order.
fn first_order_of(log: &Sample) -> Vec<u8> {
    let subject = event_subject(order(1));
    log.part(&sought(log, 1, log.size()), |record| {
        record.subject == subject
    })
}

pub(super) fn all() -> Vec<Vector> {
    let linked = |payload: &[u8]| {
        rewritten(payload, |envelope| {
            envelope.prev_hash = Hash::of(b"another")
        })
    };
    let foreign = |payload: &[u8]| rewritten(payload, |envelope| envelope.order_id = order(2));
    let event_id = |payload: &[u8]| {
        rewritten(payload, |envelope| {
            envelope.event_id = EventId::derive(envelope.command_id, Version::new(9));
        })
    };
    let of_version = |version| {
        move |payload: &[u8]| rewritten(payload, |envelope| set_version(envelope, version))
    };
    let third = |edit: &dyn Fn(&[u8]) -> Vec<u8>| ending_in(THIRD as usize, edit);
    let of_first = ending_in(FIRST as usize, linked);
    let under = |length: usize| {
        let log = ending_with(THIRD as usize, |record| record.subject = "s".repeat(length));
        last_of(&log)
    };
    let bad = |name, bytes| bad_export(name, bytes, "broken-chain");
    vec![
        bad("part-linked-first", last_of(&of_first)).at(FIRST),
        bad("part-version-again", first_order_of(&third(&of_version(2)))).at(THIRD),
        bad("part-version-none", last_of(&third(&of_version(0)))).at(THIRD),
        bad("part-prev-hash", first_order_of(&third(&linked))).at(THIRD),
        bad("part-order-id", last_of(&third(&foreign))).at(THIRD),
        bad("part-event-id", last_of(&third(&event_id))).at(THIRD),
        bad("part-subject-longest", under(SUBJECT_BYTES_MAX)).at(THIRD),
        bad_export(
            "part-subject-too-long",
            under(SUBJECT_BYTES_MAX + 1),
            "not-canonical",
        ),
        good_export("part-unlinked", last_of(&third(&linked))),
    ]
}
