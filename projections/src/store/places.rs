//! The listings as they are stored: the orders of each in the order in which they became members of it, numbered from 0.
//!
//! Invariant: an order keeps its number, and numbers are dense: a listing with so many members has the numbers below that.
//! They stand in blocks, since a tree of a few large values takes a fraction of the room that one of many small ones does.
//! Sequences and times grow with the numbers, so that either is found by halving.

use ordertrace_domain::{OrderId, Sequence, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Generation, StoreError, key, value};
use crate::Listing;

/// How many places share a block: an append writes one block anew, of two kilobytes at most.
pub(super) const PLACES_A_BLOCK: u64 = 64;

/// A place in a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Where the event stands by which the order became a member.
    pub(super) sequence: Sequence,
    /// Which order.
    pub(super) order_id: OrderId,
    /// The latest time at which the log had recorded a placed order by then: never less than that of the place before.
    pub(super) at: Timestamp,
}

/// The places of a listing, block by block; the last block that was read is at hand.
pub(super) struct Places<'a> {
    view: &'a Generation,
    listing: Listing,
    /// How many there are.
    pub(super) total: u64,
    block: Option<(u64, Vec<Place>)>,
}

impl<'a> Places<'a> {
    /// Those of a listing with so many members. There may be more by now.
    pub(super) const fn new(view: &'a Generation, listing: Listing, total: u64) -> Self {
        Self {
            view,
            listing,
            total,
            block: None,
        }
    }

    /// The place with this number, which is below the total.
    pub(super) fn get(&mut self, number: u64) -> Result<Place, StoreError> {
        let (block, within) = (number / PLACES_A_BLOCK, number % PLACES_A_BLOCK);
        if self.block.as_ref().is_none_or(|(held, _)| *held != block) {
            self.block = Some((block, self.view.places(self.listing, block)?));
        }
        let places = self.block.as_ref().map(|(_, places)| places);
        let place = places.and_then(|places| places.get(usize::try_from(within).ok()?));
        place.copied().ok_or_else(|| {
            let listing = self.listing;
            StoreError::Damaged(format!("place {number} of {listing:?} is missing"))
        })
    }

    /// How many of them, from the first on, are such; those that are stand before those that are not.
    pub(super) fn count_while(
        &mut self,
        is_such: impl Fn(&Place) -> bool,
    ) -> Result<u64, StoreError> {
        let (mut low, mut high) = (0, self.total);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_such(&self.get(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

impl Generation {
    /// The places of a block; none if it has not begun.
    pub(super) fn places(&self, listing: Listing, block: u64) -> Result<Vec<Place>, StoreError> {
        let key = key::places(listing, block);
        let stored = self.tree.get(key)?;
        stored.map_or_else(|| Ok(Vec::new()), |stored| value::open(&key, &stored))
    }
}
