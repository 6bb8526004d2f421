//! A page of a listing, newest first.

use ordertrace_domain::{OrderId, Sequence};

use super::{
    Generation, StoreError, ViewStore,
    places::{Place, Places},
};
use crate::{Listing, Record, Row};

/// Some entries of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingPage {
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// How many entries the whole listing has.
    pub total: u64,
}

/// An order in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in the listing.
    pub place: Sequence,
    /// Which order.
    pub order_id: OrderId,
    /// What is known of it: in a listing always with a row.
    pub record: Record,
}

impl Entry {
    /// The order's row.
    pub const fn row(&self) -> Option<&Row> {
        self.record.row()
    }
}

impl ViewStore {
    /// At most `limit` entries of a listing that stand before `before`, or the newest ones.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn page(
        &self,
        listing: Listing,
        before: Option<Sequence>,
        limit: usize,
    ) -> Result<ListingPage, StoreError> {
        self.attempt(|view| view.page(listing, before, limit))
    }
}

impl Generation {
    fn page(
        &self,
        listing: Listing,
        before: Option<Sequence>,
        limit: usize,
    ) -> Result<ListingPage, StoreError> {
        let total = self.progress()?.counts.of(listing);
        let mut places = Places::new(self, listing, total);
        let older = match before {
            Some(before) => places.count_while(|place| place.sequence < before)?,
            None => total,
        };
        let count = older.min(limit as u64);
        let entries = (older - count..older).rev().map(|number| {
            let place = places.get(number)?;
            self.entry(listing, place)
        });
        Ok(ListingPage {
            entries: entries.collect::<Result<_, _>>()?,
            has_more: older > count,
            total,
        })
    }

    fn entry(&self, listing: Listing, place: Place) -> Result<Entry, StoreError> {
        let Place {
            sequence: place,
            order_id,
            ..
        } = place;
        let damaged = || StoreError::Damaged(format!("the place at {place} leads nowhere"));
        let record = self.record(order_id)?.ok_or_else(damaged)?;
        match record.row() {
            Some(row) if row.place_in(listing) == Some(place) => Ok(Entry {
                place,
                order_id,
                record,
            }),
            Some(_) | None => Err(damaged()),
        }
    }
}
