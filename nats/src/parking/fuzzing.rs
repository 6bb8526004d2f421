//! Records of parked messages, for the fuzzers.

use ordertrace_domain::{DeadLetter, Sequence, Timestamp};

use super::record;
use super::shelf::Entry;

/// When every record was stored, by the fuzzers' clock.
const RECORDED_AT: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// The letter that a record under a subject is read as, and the one that is shown whether or not it can be read.
pub fn letter(subject: &str, payload: &[u8]) -> (Option<DeadLetter>, Option<DeadLetter>) {
    let entry = Entry {
        sequence: Sequence::new(1),
        recorded_at: RECORDED_AT,
        subject: subject.to_owned(),
        id: None,
        payload: payload.to_vec().into(),
    };
    (record::read(&entry).ok(), record::shown(&entry))
}

/// The record of a letter, as it would be written.
pub fn letter_of(letter: &DeadLetter) -> Vec<u8> {
    match &letter.settled {
        None => record::waiting(&letter.parked),
        Some(settled) => record::settled(letter, &settled.verdict, &settled.by),
    }
}
