//! What the indexes and the counts have of an order: a pure function of its record.
//!
//! Invariant: whatever an event changes, the marks before it are taken out and those after it put in, in the batch of the
//! record itself. So an index is never ahead of a record, nor behind it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Generation, StoreError, key, postings::Moves, value};
use crate::{Facet, Record};

/// A key of an index or of a count.
type Key = Vec<u8>;

/// An hour, in the microseconds of a timestamp.
const HOUR_MICROS: i64 = 3_600_000_000;

/// Where an order stands in the indexes, and what it counts among.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Keys that are there while the order has not ended.
    pub(super) entries: BTreeSet<Key>,
    /// Under which number it is in the indexes, and in which.
    pub(super) facets: BTreeSet<Facet>,
    pub(super) number: u64,
    tallies: BTreeSet<Key>,
}

impl Marks {
    pub(super) fn of(record: &Record) -> Self {
        let mut marks = Self::default();
        let unfinished = record.unfinished_place().map(key::unfinished);
        marks.entries.extend(unfinished.map(Key::from));
        let Some(row) = record.row() else {
            return marks;
        };
        marks.number = row.number;
        marks.facets = Facet::of(&row.order);
        for facet in &marks.facets {
            marks.tallies.insert(key::facet_count(facet));
            if let Some(state) = facet.state_word() {
                let hour = hour_of(row.placed_at.micros());
                marks.tallies.insert(key::hour_count(hour, state));
            }
        }
        marks
    }
}

/// The hour of a time, counted from 1970; nothing was recorded before that.
pub(super) fn hour_of(micros: i64) -> u64 {
    u64::try_from(micros / HOUR_MICROS).unwrap_or_default()
}

/// By how much counts change.
#[derive(Debug, Default)]
pub(super) struct Tallies(BTreeMap<Key, i64>);

impl Tallies {
    /// An order that counted before counts anew.
    pub(super) fn move_from(&mut self, before: &Marks, after: &Marks) {
        for key in before.tallies.difference(&after.tallies) {
            *self.0.entry(key.clone()).or_default() -= 1;
        }
        for key in after.tallies.difference(&before.tallies) {
            *self.0.entry(key.clone()).or_default() += 1;
        }
    }
}

impl Marks {
    /// Notes in which indexes an order gets in, and which it leaves.
    pub(super) fn note_moves(&self, after: &Self, moves: &mut Moves) {
        for facet in self.facets.difference(&after.facets) {
            moves.note(facet, self.number, false);
        }
        for facet in after.facets.difference(&self.facets) {
            moves.note(facet, after.number, true);
        }
    }
}

impl Generation {
    /// Changes the counts. One that has come to nothing is taken away, as in a view that never had it.
    pub(super) fn count(
        &self,
        tallies: Tallies,
        batch: &mut sled::Batch,
    ) -> Result<(), StoreError> {
        for (key, change) in tallies.0.into_iter().filter(|(_, change)| *change != 0) {
            let count = self.counted(&key)?.checked_add_signed(change);
            let count = count.ok_or_else(|| {
                StoreError::Damaged(format!("the count {key:02x?} is below what it counts"))
            })?;
            if count == 0 {
                batch.remove(key.as_slice());
            } else {
                batch.insert(key.as_slice(), value::seal(&key, &count)?);
            }
        }
        Ok(())
    }

    /// A count as it stands.
    pub(super) fn counted(&self, key: &[u8]) -> Result<u64, StoreError> {
        let stored = self.tree.get(key)?;
        stored.map_or(Ok(0), |stored| value::open(key, &stored))
    }
}
