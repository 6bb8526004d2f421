//! What was kept by this program and is read back: rows of the views, records of parked messages.

use ordertrace_nats::fuzzing;
use ordertrace_projections::Record;

use crate::parts;

/// The row of an order, behind its checksum. What is read is written and read again as the same.
pub fn row(bytes: &[u8]) -> bool {
    let Ok(record) = rmp_serde::from_slice::<Record>(bytes) else {
        return false;
    };
    let written = rmp_serde::to_vec(&record).expect("a row is plain data");
    let read: Record = rmp_serde::from_slice(&written).expect("what was written is read");
    assert_eq!(read, record);
    true
}

/// A record of a parked message: its subject, an empty line, its JSON. Whatever stands under a message's subject is shown as
/// one of that message.
pub fn letter(bytes: &[u8]) -> bool {
    let Some((lines, payload)) = parts::of(bytes) else {
        return false;
    };
    let subject = lines.first().copied().unwrap_or_default();
    let (read, shown) = fuzzing::letter(subject, payload);
    let Some(letter) = read else {
        assert_eq!(
            shown.is_some(),
            ordertrace_nats::subject::parse_parked(subject).is_some()
        );
        return false;
    };
    assert_eq!(shown.as_ref(), Some(&letter));
    let (again, _) = fuzzing::letter(subject, &fuzzing::letter_of(&letter));
    let again = again.expect("what was written is read");
    assert_eq!(again.parked, letter.parked);
    assert_eq!(again.settled, letter.settled);
    // Only a settled one says when it was parked: the record of a waiting one is that itself.
    assert!(letter.settled.is_none() || again.parked_at == letter.parked_at);
    true
}
