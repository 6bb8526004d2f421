//! As much of the tree as its root and its next leaf need: the roots of its largest full subtrees, 64 at the most.
//!
//! Invariant: it can tell the root at its present size, and nothing of what lies before. That is what makes a check of a
//! log of any length cost a fixed amount of memory.

use ordertrace_domain::{Hash, Sequence};
use tlog_tiles::tlog::{self, HashReader};

use super::{from_tlog, to_tlog};

/// The right edge of a growing tree.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    /// From the largest full subtree to the smallest, each with its place among the stored hashes.
    roots: Vec<(u64, tlog::Hash)>,
}

impl Frontier {
    /// Of an empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the edge of a tree together again from its hashes.
    pub(super) fn read(size: u64, hashes: &impl HashReader) -> Result<Self, tlog::Error> {
        let indexes = tlog::sub_tree_index(0, size, Vec::new());
        let roots = hashes.read_hashes(&indexes)?;
        Ok(Self {
            size,
            roots: indexes.into_iter().zip(roots).collect(),
        })
    }

    /// How many leaves there are: the position of the last event.
    pub const fn size(&self) -> Sequence {
        Sequence::new(self.size)
    }

    /// Adds a leaf, and gives the hashes that are complete now: the leaf's and those of the subtrees that it fills up.
    pub fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let first = tlog::stored_hash_index(0, self.size);
        let hashes = tlog::stored_hashes_for_record_hash(self.size, to_tlog(leaf), self);
        // It reads nothing but the roots that are kept, so it can't fail.
        let hashes = hashes.unwrap_or_default();
        // Each hash after the leaf's takes in the smallest subtree that there was.
        let kept = (self.roots.len() + 1).saturating_sub(hashes.len());
        self.roots.truncate(kept);
        if let (Some(root), Ok(level)) = (hashes.last(), u64::try_from(hashes.len())) {
            self.roots.push((first + level - 1, *root));
        }
        self.size += 1;
        hashes.into_iter().map(from_tlog).collect()
    }

    /// The root of the tree as it is now.
    pub fn root(&self) -> Hash {
        from_tlog(tlog::tree_hash(self.size, self).unwrap_or(tlog::EMPTY_HASH))
    }
}

impl HashReader for Frontier {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let of = |index: &u64| {
            let found = self.roots.iter().find(|(at, _)| at == index);
            found
                .map(|(_, hash)| *hash)
                .ok_or(tlog::Error::IndexesNotInTree)
        };
        indexes.iter().map(of).collect()
    }
}
