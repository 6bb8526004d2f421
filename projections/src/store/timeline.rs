//! The timelines: an entry for each event that was applied, under its order.
//!
//! Invariant: the entries of an order are those of its row's events, one each, written in the same batch.

use ordertrace_domain::{OrderId, Version};

use super::{Generation, StoreError, ViewStore, key, value};
use crate::Happening;

impl ViewStore {
    /// What happened to an order, up to a version: that of the row it is shown with.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn timeline(&self, order: OrderId, up_to: Version) -> Result<Vec<Happening>, StoreError> {
        self.attempt(|view| view.timeline(order, up_to))
    }
}

impl Generation {
    fn timeline(&self, order: OrderId, up_to: Version) -> Result<Vec<Happening>, StoreError> {
        let (first, last) = (
            key::happening(order, Version::NONE),
            key::happening(order, up_to),
        );
        let entries = self.tree.range(first..=last).map(|entry| {
            let (key, value) = entry?;
            value::open(&key, &value)
        });
        entries.collect()
    }
}
