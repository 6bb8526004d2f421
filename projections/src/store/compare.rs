//! Comparing the view with its successor: all keys and values, byte for byte, a slice at a time.
//!
//! Invariant: both slices are read at one position, and neither view is held up for longer than that takes. What was compared
//! stays compared while both go on: equal rows and equal messages come to equal rows. Counts and digests are those of the
//! position at which the comparison ends.

use std::{cmp::Ordering, ops::Bound};

use ordertrace_domain::{OrderId, Position};
use sled::IVec;

use super::{
    Digest, StoreError, damage, generation::Generation, key, progress::Progress, shown,
    successor::Successor,
};

/// How many keys of each view are read at once: some milliseconds' worth.
pub(super) const SLICE_KEYS_MAX: usize = 1_000;

/// How many differences are shown: enough to see of what kind they are. All of them are counted.
pub const DIFFERENCES_SHOWN_MAX: usize = 20;

type Entry = (IVec, IVec);

/// What a comparison has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Where both views stood at its end.
    pub position: Position,
    /// The view that answered.
    pub live: Side,
    /// The one that was built beside it.
    pub rebuilt: Side,
    /// How many keys are not in both, or not with the same value; and one more if what is counted differs, or nothing but
    /// the digest.
    pub differences_found: u64,
    /// The first of them, in the order of the keys.
    pub differences: Vec<Difference>,
}

/// One of the two views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Which revision of `apply` made it.
    pub revision: u32,
    /// How many orders were placed.
    pub orders: u64,
    /// How many of its entries were compared: rows, timelines, indexes, counts.
    pub entries: u64,
    /// The digest of its rows.
    pub digest: Digest,
}

/// A key at which they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The key, in words.
    pub key: String,
    /// Whose it is, if it is an order's.
    pub order_id: Option<OrderId>,
    /// What the view has there, as far as it differs; nothing if it has no such key.
    pub live: Option<String>,
    /// What the rebuilt one has.
    pub rebuilt: Option<String>,
}

impl Comparison {
    /// Whether both are the same.
    pub fn is_equal(&self) -> bool {
        self.differences_found == 0 && self.live.digest == self.rebuilt.digest
    }
}

/// A comparison under way.
#[derive(Debug, Default)]
pub(crate) struct Comparing {
    /// The last key that was compared.
    after: Option<IVec>,
    live_entries: u64,
    rebuilt_entries: u64,
    found: u64,
    shown: Vec<Difference>,
}

impl Successor {
    /// Compares the next slice; whether it was the last.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(crate) fn compare_slice(&self, comparing: &mut Comparing) -> Result<bool, StoreError> {
        let after = comparing.after.as_deref();
        let (live, rebuilt) = {
            let mut beside = self.store.shared.turn.take();
            beside.check_joined()?;
            let live = self.store.attempt(|view| view.slice(after))?;
            let rebuilt = damage::catch(|| self.generation().slice(after))?;
            (live, rebuilt)
        };
        Ok(comparing.take_in(live, rebuilt))
    }

    /// What the comparison has come to, now that there is no further slice.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(crate) fn conclude(&self, comparing: Comparing) -> Result<Comparison, StoreError> {
        let mut beside = self.store.shared.turn.take();
        beside.check_joined()?;
        let view = self.store.view();
        let (live, rebuilt) = (*view.writer(), *self.generation().writer());
        Ok(comparing.conclude((view.revision, live), (self.revision(), rebuilt)))
    }
}

impl Generation {
    fn slice(&self, after: Option<&[u8]>) -> Result<Vec<Entry>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries = self.tree.range::<&[u8], _>((from, Bound::Unbounded));
        entries
            .take(SLICE_KEYS_MAX)
            .map(|entry| Ok(entry?))
            .collect()
    }
}

impl Comparing {
    /// How many entries were compared.
    pub(crate) fn entries(&self) -> u64 {
        self.rebuilt_entries.max(self.live_entries)
    }

    /// Compares what both have up to the last key that was read of both; whether there is no more.
    fn take_in(&mut self, live: Vec<Entry>, rebuilt: Vec<Entry>) -> bool {
        let ends = [&live, &rebuilt].map(|slice| {
            let is_full = slice.len() == SLICE_KEYS_MAX;
            slice.last().filter(|_| is_full).map(|(key, _)| key.clone())
        });
        let end = ends.into_iter().flatten().min();
        let is_within = |(key, _): &Entry| {
            let is_of_view = [key::LAYOUT, key::REVISION, key::PROGRESS]
                .iter()
                .any(|of_view| key.as_ref() == of_view);
            !is_of_view && end.as_ref().is_none_or(|end| key <= end)
        };
        self.compare(
            live.into_iter().filter(is_within),
            rebuilt.into_iter().filter(is_within),
        );
        let is_last = end.is_none();
        self.after = end;
        is_last
    }

    fn compare(&mut self, live: impl Iterator<Item = Entry>, rebuilt: impl Iterator<Item = Entry>) {
        let (mut live, mut rebuilt) = (live.peekable(), rebuilt.peekable());
        loop {
            let order = match (live.peek(), rebuilt.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((live, _)), Some((rebuilt, _))) => live.cmp(rebuilt),
            };
            let live = live.next_if(|_| order.is_le());
            let rebuilt = rebuilt.next_if(|_| order.is_ge());
            self.live_entries += u64::from(live.is_some());
            self.rebuilt_entries += u64::from(rebuilt.is_some());
            if live != rebuilt {
                self.differ(live, rebuilt);
            }
        }
    }

    fn differ(&mut self, live: Option<Entry>, rebuilt: Option<Entry>) {
        self.found += 1;
        let key = live.as_ref().or(rebuilt.as_ref()).map(|(key, _)| key);
        let Some(key) = key.filter(|_| self.shown.len() < DIFFERENCES_SHOWN_MAX) else {
            return;
        };
        let value = |entry: &Option<Entry>| entry.as_ref().map(|(_, value)| value.clone());
        let difference =
            shown::difference(key, value(&live).as_deref(), value(&rebuilt).as_deref());
        self.shown.push(difference);
    }

    fn conclude(
        mut self,
        (live_revision, live): (u32, Progress),
        (rebuilt_revision, rebuilt): (u32, Progress),
    ) -> Comparison {
        // Rows that differ make the digests differ, too; where none does, it is the digest itself that is wrong.
        let is_digest_wrong = self.found == 0 && live.digest != rebuilt.digest;
        if is_digest_wrong || (live.counts, live.clock) != (rebuilt.counts, rebuilt.clock) {
            self.found += 1;
            self.shown.truncate(DIFFERENCES_SHOWN_MAX - 1);
            self.shown.push(shown::progress(&live, &rebuilt));
        }
        let side = |revision, progress: &Progress, entries| Side {
            revision,
            orders: progress.counts.placed,
            entries,
            digest: progress.digest,
        };
        Comparison {
            position: live.position(),
            live: side(live_revision, &live, self.live_entries),
            rebuilt: side(rebuilt_revision, &rebuilt, self.rebuilt_entries),
            differences_found: self.found,
            differences: self.shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Tree = BTreeMap<Vec<u8>, u8>;

    fn slice(tree: &Tree, after: Option<&IVec>) -> Vec<Entry> {
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_vec()));
        let entries = tree.range((from, Bound::Unbounded)).take(SLICE_KEYS_MAX);
        entries
            .map(|(key, value)| (key.as_slice().into(), IVec::from(&[*value])))
            .collect()
    }

    fn compared(live: &Tree, rebuilt: &Tree) -> Comparing {
        let mut comparing = Comparing::default();
        let slices_max = (live.len() + rebuilt.len()) / SLICE_KEYS_MAX + 1;
        for _ in 0..slices_max {
            let after = comparing.after.clone();
            let slices = (slice(live, after.as_ref()), slice(rebuilt, after.as_ref()));
            if comparing.take_in(slices.0, slices.1) {
                return comparing;
            }
        }
        panic!("it takes more slices than there can be");
    }

    fn tree() -> impl Strategy<Value = Tree> {
        // Keys in bunches, so that one tree may have thousands where the other has none.
        let bunch = (any::<u8>(), 0_u16..2_500, 0_u8..2);
        proptest::collection::vec(bunch, 0..4).prop_map(|bunches| {
            let keys = bunches.into_iter().flat_map(|(first, count, value)| {
                let key = move |number: u16| [&[9, first], &number.to_be_bytes()[..]].concat();
                (0..count).map(move |number| (key(number), value))
            });
            keys.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn slices_find_what_a_look_at_all_keys_finds(live in tree(), mut rebuilt in tree(), is_near: bool) {
            if is_near {
                let (mut near, few) = (live.clone(), rebuilt.into_iter().take(3));
                near.extend(few);
                rebuilt = near;
            }
            let keys: std::collections::BTreeSet<_> = live.keys().chain(rebuilt.keys()).collect();
            let differing = keys.iter().filter(|key| live.get(**key) != rebuilt.get(**key));
            let comparing = compared(&live, &rebuilt);
            prop_assert_eq!(comparing.found, differing.count() as u64);
            prop_assert_eq!(comparing.live_entries, live.len() as u64);
            prop_assert_eq!(comparing.rebuilt_entries, rebuilt.len() as u64);
            prop_assert!(comparing.shown.len() <= DIFFERENCES_SHOWN_MAX);
        }
    }

    #[test]
    fn a_digest_that_is_wrong_though_no_row_differs_is_a_difference() {
        let incarnation = ordertrace_domain::Incarnation::from_created_nanos(1);
        let right = Progress::start(incarnation);
        let mut wrong = right;
        wrong.digest.add(b"key", b"value");
        let conclude = |rebuilt| Comparing::default().conclude((1, right), (1, rebuilt));
        assert!(conclude(right).is_equal());
        let comparison = conclude(wrong);
        assert!(!comparison.is_equal());
        assert_eq!(comparison.differences_found, 1);
        let shown = comparison.differences[0].rebuilt.as_deref();
        assert!(shown.unwrap().contains(&wrong.digest.to_string()));
    }

    #[test]
    fn what_says_what_a_view_is_is_not_compared() {
        let tree = |value| {
            let keys = [key::LAYOUT, key::REVISION, key::PROGRESS];
            Tree::from_iter(keys.map(|key| (key.to_vec(), value)))
        };
        assert_eq!(compared(&tree(1), &tree(2)).found, 0);
    }
}
