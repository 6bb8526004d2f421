//! The Merkle tree over the log, as RFC 6962 (2.1) has it: the event at position `n` is its leaf number `n - 1`.
//!
//! The tree itself, its proofs and their checks are those of `tlog_tiles`; here are two places to keep its hashes: only
//! what the root needs ([`Frontier`]), or all of them in a file ([`TreeFile`]).

mod file;
mod frontier;
mod proof;

use ordertrace_domain::{Hash, Sequence};
use tlog_tiles::tlog;

pub use file::{TreeError, TreeFile};
pub use frontier::Frontier;
pub use proof::{Mismatch, check_consistency, check_inclusion};

/// A proof: the hashes that lead from what is known to what is claimed.
pub type Path = Vec<Hash>;

fn to_tlog(hash: Hash) -> tlog::Hash {
    tlog::Hash(*hash.as_bytes())
}

fn from_tlog(hash: tlog::Hash) -> Hash {
    Hash::from_bytes(hash.0)
}

/// The leaf of the event at a position; none for the place before the first.
fn leaf_of(position: Sequence) -> Option<u64> {
    position.get().checked_sub(1)
}
