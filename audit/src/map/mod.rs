//! The sparse Merkle map from each order to how far it has come: its version, and the hash of its last payload.
//!
//! Its root is that of the tree in which each order stands at the SHA-256 of its id, bit by bit from the most significant,
//! with the hashes of a Jellyfish Merkle tree (Diem): see [`fold`]. The crate `jmt` computes the same roots and checks the
//! same proofs, which a test makes sure of; its own store would keep a node of a kilobyte for every few orders.
//!
//! Invariant: the root depends on what is in the map only, never on the order in which it came in. A clone is a snapshot
//! that shares everything with the original and stays as it is.

mod fold;
mod node;
mod proof;

use std::convert::Infallible;
use std::sync::Arc;

use ordertrace_domain::{Hash, OrderId, Version};

use node::Node;
pub use proof::{MapProof, check_map};

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// How many events it has.
    pub version: Version,
    /// SHA-256 of the last one's payload.
    pub hash: Hash,
}

/// An order's place in the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapKey(Hash);

impl MapKey {
    /// SHA-256 of the 16 bytes of the id: whoever picks ids can't pick a shape of the tree.
    pub fn of(order: OrderId) -> Self {
        Self(Hash::of(order.as_bytes()))
    }

    /// The place with these bytes, as a snapshot has it.
    pub const fn from_hash(hash: Hash) -> Self {
        Self(hash)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    fn bit(&self, depth: usize) -> bool {
        let byte = self.as_bytes().get(depth / 8).copied().unwrap_or_default();
        byte >> (7 - depth % 8) & 1 == 1
    }
}

/// Every order's tip, with a root over all of them.
#[derive(Debug, Clone, Default)]
pub struct OrderMap {
    root: Arc<Node>,
    len: usize,
}

impl OrderMap {
    /// A map of no orders.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many orders are in it.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no order in it.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How far an order has come; none if it has no event.
    pub fn get(&self, key: MapKey) -> Option<Tip> {
        self.root.get(key)
    }

    /// Sets how far an order has come.
    pub fn set(&mut self, key: MapKey, tip: Tip) {
        let Ok(()) = self.change(key, |_| Ok::<_, Infallible>(tip));
    }

    /// Sets how far an order has come from how far it had come, unless that is refused. It is looked for only once.
    pub(crate) fn change<E>(
        &mut self,
        key: MapKey,
        tip: impl FnOnce(Option<Tip>) -> Result<Tip, E>,
    ) -> Result<(), E> {
        let is_new = Node::change(&mut self.root, key, 0, tip)?;
        self.len += usize::from(is_new);
        Ok(())
    }

    /// The root over all orders.
    pub fn root(&self) -> Hash {
        self.root.hash(0)
    }

    /// Proves how far an order has come; none if it has no event.
    pub fn prove(&self, key: MapKey) -> Option<MapProof> {
        let tip = self.get(key)?;
        let mut siblings = Vec::new();
        self.root.siblings(key, &mut siblings);
        siblings.reverse();
        Some(MapProof { tip, siblings })
    }

    /// Every order's place and tip, in the order of the places.
    pub fn iter(&self) -> impl Iterator<Item = (MapKey, Tip)> {
        let mut nodes = vec![&*self.root];
        std::iter::from_fn(move || {
            loop {
                match nodes.pop()? {
                    Node::Few(entries) => return Some(entries.iter()),
                    Node::Many { left, right, .. } => nodes.extend([&**right, &**left]),
                }
            }
        })
        .flatten()
        .map(|entry| (entry.key, entry.tip))
    }
}

#[cfg(test)]
mod tests;
