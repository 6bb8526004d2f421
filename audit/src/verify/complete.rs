//! A log from its first event on: the tree, the chains and the map, built again from what is there.

use ordertrace_domain::{Hash, Link, Record, Sequence};

use super::{Finding, Wrong, next_event};
use crate::{Chain, Frontier};

/// Both roots at a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Roots {
    pub(super) tree: Hash,
    pub(super) map: Hash,
}

/// All events from the first one to the present one.
#[derive(Debug, Default)]
pub(super) struct FromTheFirst {
    tree: Frontier,
    chain: Chain,
    /// A size at which somebody will ask for the roots, and what they were.
    remembered: Option<(Sequence, Option<Roots>)>,
}

impl FromTheFirst {
    /// Before the first event. The roots at this size will be asked for later.
    pub(super) fn remembering(size: Option<Sequence>) -> Self {
        Self {
            remembered: size.map(|size| (size, None)),
            ..Self::default()
        }
    }

    /// Takes the next event with the hash of its leaf, and gives what ties it to its order.
    pub(super) fn push(&mut self, record: &Record, leaf: Hash) -> Result<Link, Finding> {
        self.tree.push(leaf);
        let followed = self.chain.follow(record);
        let followed = followed.map_err(|fault| {
            let not_next = next_event::refused(&self.chain, record, fault);
            Finding::at(record.sequence, Wrong::BrokenChain(not_next))
        });
        if self.remembered.is_some_and(|(size, _)| size == self.size()) {
            self.remembered = Some((self.size(), Some(self.roots())));
        }
        followed
    }

    /// How many events there are.
    pub(super) const fn size(&self) -> Sequence {
        self.tree.size()
    }

    /// How many orders there are.
    pub(super) fn orders(&self) -> u64 {
        self.chain.map().len() as u64
    }

    pub(super) fn roots(&self) -> Roots {
        Roots {
            tree: self.tree.root(),
            map: self.chain.map().root(),
        }
    }

    /// The roots at the size that was to be remembered, if it was reached.
    pub(super) fn remembered(&self) -> Option<Roots> {
        self.remembered.and_then(|(_, roots)| roots)
    }
}
