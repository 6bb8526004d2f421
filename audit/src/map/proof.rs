//! That an order has come so far, for whoever has the map's root and no map.

use ordertrace_domain::{Hash, OrderId};

use super::{MapKey, Tip, fold};
use crate::tree::Mismatch;

/// A key has so many bits, so no way to a leaf is longer.
const DEPTH_MAX: usize = 256;

/// How far an order has come, and the hashes beside its way from the leaf to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapProof {
    /// How far it has come.
    pub tip: Tip,
    /// The first is the leaf's own sibling; the last is below the root.
    pub siblings: Vec<Hash>,
}

/// Checks that the map with this root says this of an order.
///
/// # Errors
/// [`Mismatch`].
pub fn check_map(proof: &MapProof, order: OrderId, root: Hash) -> Result<(), Mismatch> {
    let depth = proof.siblings.len();
    if depth > DEPTH_MAX {
        return Err(Mismatch);
    }
    let key = MapKey::of(order);
    let depths = (0..depth).rev();
    let climb = |hash, (sibling, depth): (&Hash, usize)| {
        if key.bit(depth) {
            fold::node(*sibling, hash)
        } else {
            fold::node(hash, *sibling)
        }
    };
    let leaf = fold::leaf(key, proof.tip);
    let found = proof.siblings.iter().zip(depths).fold(leaf, climb);
    if found == root { Ok(()) } else { Err(Mismatch) }
}
