//! The timelines: an entry for each event that was applied, under its order.
//!
//! Invariant: the entries of an order are those of its row's events, one each, written in the same batch. Some of an order's
//! entries share a value, for most orders all of them: a long history is not written anew with each event.

use ordertrace_domain::{OrderId, Version};

use super::{Generation, StoreError, ViewStore, key, value};
use crate::Happening;

/// How many entries share a value: more than most orders have events, and a few kilobytes.
const ENTRIES_A_PART: u64 = 16;

impl ViewStore {
    /// What happened to an order, up to a version: that of the row it is shown with.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn timeline(&self, order: OrderId, up_to: Version) -> Result<Vec<Happening>, StoreError> {
        self.attempt(|view| view.timeline(order, up_to))
    }
}

/// Which part of a timeline an event's entry is in.
pub(super) const fn part_of(version: Version) -> u64 {
    version.get().saturating_sub(1) / ENTRIES_A_PART
}

impl Generation {
    fn timeline(&self, order: OrderId, up_to: Version) -> Result<Vec<Happening>, StoreError> {
        let (first, last) = (
            key::timeline(order, 0),
            key::timeline(order, part_of(up_to)),
        );
        let mut happenings: Vec<Happening> = Vec::new();
        for part in self.tree.range(first..=last) {
            let (key, value) = part?;
            happenings.extend(value::open::<Vec<Happening>>(&key, &value)?);
        }
        happenings.retain(|happening| happening.version <= up_to);
        Ok(happenings)
    }

    /// A part of a timeline as it stands; empty if it has not begun.
    pub(super) fn timeline_part(
        &self,
        order: OrderId,
        part: u64,
    ) -> Result<Vec<Happening>, StoreError> {
        let key = key::timeline(order, part);
        let stored = self.tree.get(key)?;
        stored.map_or_else(|| Ok(Vec::new()), |stored| value::open(&key, &stored))
    }
}
