//! The hashes of the map, by their definition: of a subtree, given all that is in it.

use ordertrace_domain::Hash;
use sha2::{Digest, Sha256};

use super::{MapKey, Tip};

const LEAF: &[u8] = b"JMT::LeafNode";
const NODE: &[u8] = b"JMT::IntrnalNode";

/// What stands for a subtree with nothing in it.
pub(super) const EMPTY: Hash = Hash::from_bytes(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");

/// An order in the map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: MapKey,
    pub(super) tip: Tip,
}

/// The bytes that are hashed of a tip: its version (4 bytes, big-endian) and its hash (32).
fn value(tip: Tip) -> [u8; 36] {
    let mut bytes = [0; 36];
    let version = u32::try_from(tip.version.get()).unwrap_or(u32::MAX);
    bytes[..4].copy_from_slice(&version.to_be_bytes());
    bytes[4..].copy_from_slice(tip.hash.as_bytes());
    bytes
}

pub(super) fn leaf(key: MapKey, tip: Tip) -> Hash {
    let value = Sha256::digest(value(tip));
    digest(LEAF, key.as_bytes(), &value)
}

pub(super) fn node(left: Hash, right: Hash) -> Hash {
    digest(NODE, left.as_bytes(), right.as_bytes())
}

fn digest(domain: &[u8], left: &[u8], right: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(left);
    hasher.update(right);
    Hash::from_bytes(hasher.finalize().into())
}

/// The hash of the subtree at this depth that holds these entries, which are sorted and agree in all bits before it:
/// nothing is [`EMPTY`], one is its leaf, and more are the node over those whose next bit is 0 and those whose is 1.
pub(super) fn subtree(entries: &[Entry], depth: usize) -> Hash {
    match entries {
        [] => EMPTY,
        [only] => leaf(only.key, only.tip),
        entries => {
            let (left, right) = split(entries, depth);
            node(subtree(left, depth + 1), subtree(right, depth + 1))
        }
    }
}

/// Those whose bit at this depth is 0, and those whose is 1.
pub(super) fn split(entries: &[Entry], depth: usize) -> (&[Entry], &[Entry]) {
    entries.split_at(entries.partition_point(|entry| !entry.key.bit(depth)))
}
