//! The digest of all rows: one number by which two views are compared without looking at either.
//!
//! Invariant: it is a function of the set of rows alone, whatever their order and however they came about: the sum of the
//! SHA-256 of each, key and value, in four lanes modulo 2⁶⁴. A row that changes is taken out and put in anew, so it costs
//! as much as the change. It tells views apart that differ by mistake; against somebody who chooses rows on purpose it is no
//! protection, nor is it meant to be: the log is what is proven.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The digest of all rows of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest([u64; 4]);

impl Digest {
    /// Puts in a row.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.each(key, value, u64::wrapping_add);
    }

    /// Takes out a row.
    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.each(key, value, u64::wrapping_sub);
    }

    fn each(&mut self, key: &[u8], value: &[u8], change: fn(u64, u64) -> u64) {
        let hash = Sha256::new()
            .chain_update(key)
            .chain_update(value)
            .finalize();
        let (lanes, _) = hash.as_chunks();
        for (lane, bytes) in self.0.iter_mut().zip(lanes) {
            *lane = change(*lane, u64::from_be_bytes(*bytes));
        }
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|lane| write!(f, "{lane:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_set_whatever_came_in_between() {
        let mut one = Digest::default();
        one.add(b"a", b"1");
        one.add(b"b", b"1");
        let mut other = Digest::default();
        other.add(b"b", b"0");
        other.add(b"a", b"1");
        assert_ne!(one, other);
        other.remove(b"b", b"0");
        other.add(b"b", b"1");
        assert_eq!(one, other);
        assert_eq!(one.to_string().len(), 64);
    }

    #[test]
    fn an_empty_view_has_the_digest_zero() {
        let mut digest = Digest::default();
        digest.add(b"a", b"1");
        digest.remove(b"a", b"1");
        assert_eq!(digest, Digest::default());
    }
}
