//! Bundles, "ordertrace-bundle/1": all the events of one order, with the proof that they are all of them.
//!
//! One JSON document, small enough to be mailed, that needs nothing else: the checkpoint, each event with its way to the
//! root of the tree, how far the map says that the order has come, and, where it was asked for, that the checkpoint's tree
//! began with an older one. Its last member is the SHA-256 of everything before it.
//!
//! Invariant: a bundle is read in exactly the form in which it is written. Reading it shows nothing but its form; whether
//! what it says is true is for [`crate::verify_bundle`].

mod json;

use ordertrace_domain::{Hash, OrderId, Record, Sequence};

use crate::{MapProof, Path, ReadError, SignedCheckpoint};

/// All that happened to one order up to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Which order.
    pub order: OrderId,
    /// Up to where.
    pub checkpoint: SignedCheckpoint,
    /// Its events, first to last: those that are each the order's next, and nothing else that was written to its subject.
    pub events: Vec<BundledEvent>,
    /// How far the order has come, proven in the checkpoint's map.
    pub map: MapProof,
    /// That the checkpoint's tree began with an older one.
    pub consistency: Option<Consistency>,
}

/// An event with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundledEvent {
    /// The record, without its headers.
    pub record: Record,
    /// Its way to the root of the checkpoint's tree.
    pub proof: Path,
}

/// That a tree began with an older one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// The size of the older one.
    pub from: Sequence,
    /// What leads from the older root to the newer one.
    pub proof: Path,
}

/// SHA-256 of a bundle up to the member that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// What it is.
    pub computed: Hash,
    /// What the bundle says that it is.
    pub written: Hash,
}

impl Bundle {
    /// The document, with the line feed that ends it.
    pub fn to_json(&self) -> Vec<u8> {
        json::put(self)
    }

    /// Reads a document back. Nothing in it is checked, not even that its digest is the one that it says.
    ///
    /// # Errors
    /// [`ReadError::NotCanonical`], of line 1.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Digests), ReadError> {
        json::take(bytes).map_err(|off| ReadError::NotCanonical {
            line: 1,
            position: None,
            off,
        })
    }
}
