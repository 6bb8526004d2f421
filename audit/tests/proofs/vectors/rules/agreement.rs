//! Files that say two things, and would be fine if nobody compared them.

use ordertrace_domain::Sequence;

use super::{Vector, bad_bundle, bad_export, good_export, sought};
use crate::bytes::{edited, replace};
use crate::sample::*;

const CONTRADICTION: &str = "contradiction";

pub(super) fn all() -> Vec<Vector> {
    let log = Sample::new();
    let all = |from, to| log.part(&sought(&log, from, to), |_| true);
    let one = |from, to| {
        log.part(&sought(&log, from, to), |record| {
            record.sequence.get() == 20
        })
    };
    let none = |from, to| log.part(&log.header(from, to), |_| true);
    let first = edited(&all(20, 22), |lines| {
        replace(&mut lines[4], "\"first\":20", "\"first\":21");
    });
    let no_first = edited(&one(20, 20), |lines| {
        replace(&mut lines[2], "\"first\":20", "\"first\":null");
    });
    vec![
        bad_export("first", first, CONTRADICTION),
        bad_export("first-null", no_first, CONTRADICTION),
        bad_export("from-none", one(0, SIZE), CONTRADICTION),
        bad_export("from-behind-to", none(32, 30), CONTRADICTION),
        good_export("from-just-behind-to", none(31, 30)),
        bad_export("to-beyond", one(1, SIZE + 1), CONTRADICTION),
        bad_export("to-greatest", one(1, u64::MAX), CONTRADICTION),
        bad_bundle("event-beyond", event_beyond(&log), CONTRADICTION),
    ]
}

/// A bundle with an event more than its checkpoint covers.
fn event_beyond(log: &Sample) -> Vec<u8> {
    let mut bundle = log.bundle(1, 40, None);
    let mut event = log.bundle(1, SIZE, None).events.remove(4);
    assert!(event.record.sequence > Sequence::new(40));
    event.proof = log.proof(event.record.sequence.get(), SIZE);
    bundle.events.push(event);
    bundle.to_json()
}
