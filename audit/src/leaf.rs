//! What of a message goes into the tree: where it stands, when it was recorded, on which subject, and its bytes.
//!
//! Invariant: two records that differ in any of these have different leaves. The lengths are fixed or written down, so
//! that no part can pass for another. Headers are left out: those that say something repeat the payload, and are compared
//! with it wherever they are read.

use ordertrace_domain::{Hash, Record};
use sha2::{Digest, Sha256};

/// What RFC 6962 (2.1) puts before a leaf, so that none passes for a node.
const LEAF: [u8; 1] = [0];

/// The longest subject whose length has room in a leaf.
pub(crate) const SUBJECT_BYTES_MAX: usize = u16::MAX as usize;

/// The hash of a record as a leaf of the tree: SHA-256 of a zero byte and the record's position (8 bytes, big-endian), its
/// recorded time in nanoseconds (8), the length of its subject (2), its subject, and its payload.
///
/// A subject is never longer than [`SUBJECT_BYTES_MAX`] on a NATS server, whose control lines are at most 4,096 bytes. No file
/// that says so is read; whoever makes up a longer one gets a leaf that another record has as well.
pub fn leaf_hash(record: &Record) -> Hash {
    let subject = record.subject.as_bytes();
    let length = u16::try_from(subject.len()).unwrap_or(u16::MAX);
    let mut hasher = Sha256::new();
    hasher.update(LEAF);
    hasher.update(record.sequence.get().to_be_bytes());
    hasher.update(record.recorded_at.nanos().to_be_bytes());
    hasher.update(length.to_be_bytes());
    hasher.update(subject);
    hasher.update(&record.payload);
    Hash::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use ordertrace_domain::{RecordedAt, Sequence};

    use super::*;

    fn record() -> Record {
        Record {
            sequence: Sequence::new(1),
            recorded_at: RecordedAt::from_nanos(2),
            subject: "ab".to_owned(),
            headers: Vec::new(),
            payload: "cd".into(),
        }
    }

    #[test]
    fn a_leaf_is_the_hash_of_these_bytes() {
        let bytes = b"\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\x02abcd";
        assert_eq!(leaf_hash(&record()), Hash::of(bytes));
    }

    #[test]
    fn no_part_of_a_leaf_passes_for_another() {
        let mut other = record();
        other.subject = "abc".to_owned();
        other.payload = "d".into();
        assert_ne!(leaf_hash(&other), leaf_hash(&record()));
    }
}
