//! What the program can read, and the revision of its views.
//!
//! A view in which an older program could not read an event has that order in quarantine. Nobody looks at the event again, so
//! whoever teaches the program to read more has to raise the revision: then views are built anew by themselves, and those
//! orders are in them.

use std::fmt::Write as _;

use ordertrace_domain::{Event, Hash};
use ordertrace_projections::REVISION;

/// What could be read in the last revision: the hash of the names and schema numbers of all events.
const READ: (u32, &str) = (
    1,
    "78342f9f4f7ecc1f6831ee62bf57511424fe7dfa7da217f147906715e7ed5a44",
);

#[test]
fn a_program_that_can_read_more_has_a_higher_revision() {
    let mut known = String::new();
    for event in Event::types() {
        writeln!(known, "{} {}", event.name, event.schema).unwrap();
    }
    let hash = Hash::of(known.as_bytes()).to_string();
    assert_eq!(
        (REVISION, hash.as_str()),
        READ,
        "raise REVISION (projections/src/store/layout.rs) if more can be read than before, and put both here:\n{known}"
    );
}
