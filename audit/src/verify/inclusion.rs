//! Proofs of events, before it is known which tree they have to lead to: an export names its checkpoint last.
//!
//! A proof and a position lead to a root without the tree's size: the bits of the leaf's number say on which side each
//! sibling stands, and behind the last one on the right they all stand on the left. The size only says how many there have
//! to be, and for the sizes of one such length it is the same. So it is enough to remember where the first proof leads, which
//! is the first that leads elsewhere, and for which sizes all of them are proofs.
//!
//! Invariant: the finding is the same as if each proof had been checked against the root and the size at once, and it
//! names the first event whose proof fails. The memory is bounded: the sets of sizes are those of a binary tree, which lie
//! within each other or apart, so that they narrow at most once for each bit.

use std::ops::RangeInclusive;

use ordertrace_domain::{Hash, Sequence};
use tlog_tiles::tlog;

use super::{Finding, Wrong, finding::Found};

/// Where a proof leads, and for trees of which sizes it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Climb {
    root: Hash,
    sizes: RangeInclusive<u64>,
}

/// Follows a proof from a leaf up; none if there is no tree in which a leaf at this position has a proof of this length.
fn climb(path: &[Hash], position: Sequence, leaf: Hash) -> Option<Climb> {
    let index = position.get().checked_sub(1)?;
    let below = levels_below_the_edge(index, path.len())?;
    let mut hash = tlog::Hash(*leaf.as_bytes());
    for (level, sibling) in path.iter().enumerate() {
        let sibling = tlog::Hash(*sibling.as_bytes());
        let is_right = level >= below || index >> level & 1 == 1;
        hash = match is_right {
            true => tlog::node_hash(sibling, hash),
            false => tlog::node_hash(hash, sibling),
        };
    }
    Some(Climb {
        root: Hash::from_bytes(hash.0),
        sizes: sizes(index, below)?,
    })
}

/// On how many levels the way up goes beside the right edge of the tree, before it goes along it. There, only the set bits
/// of the leaf's number have a sibling.
fn levels_below_the_edge(index: u64, length: usize) -> Option<usize> {
    let turns = (0..u64::BITS).filter(|level| *level == 0 || index >> (level - 1) & 1 == 0);
    let siblings = |level: u32| level + index.checked_shr(level).unwrap_or(0).count_ones();
    let mut turns = turns.filter(|level| usize::try_from(siblings(*level)) == Ok(length));
    usize::try_from(turns.next()?).ok()
}

/// The sizes of the trees whose last leaf's number agrees with this one's above so many bits, and is greater in the highest
/// of them.
fn sizes(index: u64, below: usize) -> Option<RangeInclusive<u64>> {
    let bits = u32::try_from(below).ok()?;
    let base = index >> bits << bits;
    let last = base.checked_add((1_u64 << bits) - 1)?;
    let first = base + (1_u64 << bits) / 2;
    Some(first.max(index).checked_add(1)?..=last.checked_add(1)?)
}

/// All proofs of an export.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    count: u64,
    first: Option<(Sequence, Hash)>,
    /// The first that leads elsewhere.
    other: Option<(Sequence, Hash)>,
    /// The first that leads nowhere.
    nowhere: Option<Sequence>,
    /// Where the set of sizes became smaller, and what it became.
    sizes: Vec<(Sequence, RangeInclusive<u64>)>,
}

impl Proofs {
    /// How many there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Takes the next one.
    pub(super) fn add(&mut self, path: &[Hash], position: Sequence, leaf: Hash) {
        self.count += 1;
        let Some(climb) = climb(path, position, leaf) else {
            self.nowhere.get_or_insert(position);
            return;
        };
        let (_, root) = *self.first.get_or_insert((position, climb.root));
        if root != climb.root {
            self.other.get_or_insert((position, climb.root));
        }
        self.narrow(position, climb.sizes);
    }

    fn narrow(&mut self, position: Sequence, sizes: RangeInclusive<u64>) {
        let is_narrower = self.sizes.last().is_none_or(|(_, known)| {
            // Once two lie apart no size is in both, whatever comes.
            !known.is_empty() && (sizes.start() > known.start() || sizes.end() < known.end())
        });
        if is_narrower {
            let sizes = match self.sizes.last() {
                Some((_, known)) => {
                    *sizes.start().max(known.start())..=*sizes.end().min(known.end())
                }
                None => sizes,
            };
            self.sizes.push((position, sizes));
        }
    }

    /// The first event whose proof does not lead to this root in a tree of this size.
    pub(super) fn check(&self, size: Sequence, root: Hash) -> Option<Finding> {
        let mut failed: Vec<(Sequence, Found)> = Vec::new();
        let elsewhere = [self.first, self.other].into_iter().flatten();
        let elsewhere = elsewhere.filter(|(_, found)| *found != root);
        failed.extend(elsewhere.map(|(position, found)| (position, Found::Root(found))));
        failed.extend(self.nowhere.map(|position| (position, Found::Another)));
        let mut of_size = self.sizes.iter();
        let of_other_size = of_size.find(|(_, sizes)| !sizes.contains(&size.get()));
        failed.extend(of_other_size.map(|(position, _)| (*position, Found::Another)));
        let (position, found) = failed.into_iter().min_by_key(|(position, _)| *position)?;
        let expected = root;
        Some(Finding::at(position, Wrong::WrongLeaf { expected, found }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TreeFile, check_inclusion};

    /// Every position in every tree up to this size.
    const SIZE: u64 = 40;

    fn leaf(number: u64) -> Hash {
        Hash::of(&number.to_be_bytes())
    }

    fn tree(folder: &tempfile::TempDir) -> TreeFile {
        let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
        for number in 1..=SIZE {
            tree.push(leaf(number)).unwrap();
        }
        tree
    }

    #[test]
    fn a_proof_leads_to_the_root_of_every_tree_that_it_is_a_proof_for() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(&folder);
        for (size, position) in (1..=SIZE).flat_map(|size| (1..=size).map(move |at| (size, at))) {
            let at = Sequence::new(position);
            let path = tree.inclusion(at, Sequence::new(size)).unwrap();
            let climb = climb(&path, at, leaf(position)).unwrap();
            for other in 1..=SIZE {
                let other = Sequence::new(other);
                let is_good = check_inclusion(&path, at, leaf(position), other, climb.root).is_ok();
                let is_known = climb.sizes.contains(&other.get());
                assert_eq!(is_known, is_good, "{position} of {size} in {other}");
            }
            assert_eq!(climb.root, tree.root(Sequence::new(size)).unwrap());
        }
    }

    #[test]
    fn the_first_event_whose_proof_fails_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(&folder);
        let size = Sequence::new(SIZE);
        let root = tree.root(size).unwrap();
        for wrong in 1..=SIZE {
            let of_other_size = Sequence::new((wrong + SIZE) / 2);
            let (mut of_leaf, mut of_size) = (Proofs::default(), Proofs::default());
            let (mut expected_leaf, mut expected_size) = (None, None);
            for position in 1..=SIZE {
                let at = Sequence::new(position);
                let good = tree.inclusion(at, size).unwrap();
                let number = position + u64::from(position >= wrong);
                of_leaf.add(&good, at, leaf(number));
                expected_leaf = expected_leaf.or((number != position).then_some(at));
                let in_other = match position == wrong {
                    true => tree.inclusion(at, of_other_size).unwrap(),
                    false => good,
                };
                of_size.add(&in_other, at, leaf(position));
                let checked = check_inclusion(&in_other, at, leaf(position), size, root);
                expected_size = expected_size.or(checked.is_err().then_some(at));
            }
            let found = of_leaf.check(size, root).and_then(|found| found.position);
            assert_eq!(found, expected_leaf);
            let found = of_size.check(size, root).and_then(|found| found.position);
            assert_eq!(found, expected_size, "size {of_other_size}");
        }
    }

    #[test]
    fn a_proof_that_leads_nowhere_is_refused_and_so_is_no_place_at_all() {
        for (length, position) in [(64, 2), (3, 0), (0, 0)] {
            let at = Sequence::new(position);
            let mut proofs = Proofs::default();
            proofs.add(&[Hash::ZERO; 64][..length], at, leaf(position));
            let found = proofs.check(Sequence::new(2), leaf(position)).unwrap();
            assert_eq!((found.position, proofs.count()), (Some(at), 1));
        }
    }
}
