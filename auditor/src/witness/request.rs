//! The body of `add-checkpoint`: the size that the proof begins at, the proof, and the checkpoint.
//!
//! ```text
//! old <size>
//! <hash of the proof, base64>, a line each
//!
//! <the note>
//! ```
//!
//! Invariant: it is read in exactly the form in which it is written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{Path, SignedCheckpoint};
use ordertrace_domain::{Hash, Sequence};

/// The protocol allows no more: a proof has at most two hashes for each level of a tree, and fewer for one that can be.
const PROOF_HASHES_MAX: usize = 63;

/// What a witness is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddCheckpoint {
    /// The size that the witness is thought to have seen last.
    pub(super) old: Sequence,
    /// That the tree of the checkpoint began with that of the old size.
    pub(super) proof: Path,
    /// What is to be cosigned. No signature has been checked.
    pub(super) signed: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a body; `None` for one that is none.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let body = str::from_utf8(body).ok()?;
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = size(lines.next()?.strip_prefix("old ")?)?;
        let proof: Path = lines.map(hash).collect::<Option<_>>()?;
        Some(Self {
            old,
            proof: (proof.len() <= PROOF_HASHES_MAX).then_some(proof)?,
            signed: SignedCheckpoint::parse(note.as_bytes()).ok()?,
        })
    }
}

/// Writes the body.
pub(super) fn write(old: Sequence, proof: &[Hash], signed: &SignedCheckpoint) -> String {
    let hashes = proof.iter().map(|hash| STANDARD.encode(hash.as_bytes()));
    let lines: String = hashes.map(|line| line + "\n").collect();
    format!("old {old}\n{lines}\n{}", signed.as_str())
}

/// A size in decimal, as it is written and no other way.
pub(super) fn size(text: &str) -> Option<Sequence> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text).then(|| Sequence::new(size))
}

fn hash(line: &str) -> Option<Hash> {
    let bytes = STANDARD.decode(line).ok()?;
    bytes.try_into().ok().map(Hash::from_bytes)
}

#[cfg(test)]
mod tests {
    use ordertrace_audit::{Checkpoint, KeyUse, SecretKey};
    use ordertrace_domain::Incarnation;
    use rstest::rstest;

    use super::*;

    fn signed() -> SignedCheckpoint {
        let key = SecretKey::from_seed("log.example", KeyUse::Log, [1; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: "log.example".to_owned(),
            size: Sequence::new(9),
            tree_root: Hash::of(b"tree"),
            incarnation: Incarnation::from_created_nanos(0x18c0),
            map_root: Hash::of(b"map"),
        };
        SignedCheckpoint::sign(checkpoint, &key)
    }

    fn body(hashes: usize) -> String {
        let proof = vec![Hash::of(b"a hash"); hashes];
        write(Sequence::new(7), &proof, &signed())
    }

    #[rstest]
    #[case(0)]
    #[case(1)]
    #[case(63)]
    fn what_is_read_is_what_was_written(#[case] hashes: usize) {
        let read = AddCheckpoint::parse(body(hashes).as_bytes()).unwrap();
        assert_eq!(read.old, Sequence::new(7));
        assert_eq!(read.proof, vec![Hash::of(b"a hash"); hashes]);
        assert_eq!(read.signed, signed());
    }

    #[test]
    fn a_proof_that_is_too_long_is_not_read() {
        assert_eq!(AddCheckpoint::parse(body(64).as_bytes()), None);
    }

    #[rstest]
    #[case::nothing("old 7\n", "")]
    #[case::leading_zero("old 7", "old 07")]
    #[case::plus("old 7", "old +7")]
    #[case::two_spaces("old 7", "old  7")]
    #[case::no_number("old 7", "old")]
    #[case::not_even_64_bits("old 7", "old 18446744073709551616")]
    #[case::other_word("old 7", "new 7")]
    #[case::carriage_return("old 7\n", "old 7\r\n")]
    #[case::half_a_hash("=\n", "\n")]
    #[case::other_alphabet("old 7\n", "old 7\n-_-_\n")]
    #[case::another_line_ahead("old 7", "size 9\nold 7")]
    #[case::no_empty_line("\n\n", "\n")]
    #[case::two_empty_lines("\n\nlog", "\n\n\nlog")]
    #[case::no_note("log.example", "")]
    #[case::no_unicode("—", "\u{0}")]
    fn nothing_else_is_read(#[case] is: &str, #[case] becomes: &str) {
        let body = body(1);
        assert!(body.contains(is), "{is}");
        let changed = body.replacen(is, becomes, 1);
        assert_eq!(AddCheckpoint::parse(changed.as_bytes()), None, "{changed}");
    }
}
