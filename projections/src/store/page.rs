//! A page of a listing, newest first.

use ordertrace_domain::{OrderId, Sequence};

use super::{Generation, StoreError, ViewStore, key, value};
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
        let first = key::place(listing, Sequence::START);
        let end = key::place(listing, before.unwrap_or(Sequence::new(u64::MAX)));
        let mut older = self.tree.range(first..end).rev();
        let entries = older.by_ref().take(limit);
        let entries = entries.map(|place| {
            let (key, value) = place?;
            self.entry(listing, &key, &value)
        });
        Ok(ListingPage {
            entries: entries.collect::<Result<_, _>>()?,
            has_more: older.next().transpose()?.is_some(),
            total: self.progress()?.counts.of(listing),
        })
    }

    fn entry(&self, listing: Listing, key: &[u8], value: &[u8]) -> Result<Entry, StoreError> {
        let damaged = || StoreError::Damaged(format!("the place {key:02x?} leads nowhere"));
        let order_id = value::open(key, value)?;
        let place = key::sequence_of(key).ok_or_else(damaged)?;
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
