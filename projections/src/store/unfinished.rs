//! The unfinished orders: those that have not ended, and those in quarantine.
//!
//! Invariant: an order is among them exactly while [`crate::Record::unfinished_place`] says so; its place is that of its
//! first message, and never changes. They are all that a search for stuck orders has to look at, however many orders have
//! ended by then.

use ordertrace_domain::Sequence;

use super::{Entry, Generation, StoreError, ViewStore, key, value};

/// Some of the unfinished orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedPage {
    /// The orders, oldest first. One in quarantine may have no row.
    pub entries: Vec<Entry>,
    /// The place behind which there are newer ones, if there are.
    pub next: Option<Sequence>,
}

impl ViewStore {
    /// At most `limit` of the unfinished orders that stand after `after`: [`Sequence::START`] for the oldest.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn unfinished(&self, after: Sequence, limit: usize) -> Result<UnfinishedPage, StoreError> {
        self.attempt(|view| view.unfinished(after, limit))
    }
}

impl Generation {
    fn unfinished(&self, after: Sequence, limit: usize) -> Result<UnfinishedPage, StoreError> {
        let first = key::unfinished(after.next());
        let last = key::unfinished(Sequence::new(u64::MAX));
        let mut newer = self.tree.range(first..=last);
        let mut page = UnfinishedPage {
            entries: Vec::new(),
            next: None,
        };
        let mut end = after;
        for place in newer.by_ref().take(limit) {
            let (key, value) = place?;
            end = place_of(&key)?;
            page.entries.extend(self.unfinished_entry(&key, &value)?);
        }
        page.next = newer.next().transpose()?.map(|_| end);
        Ok(page)
    }

    /// The order at a place; nothing if it has ended since the place was read, for a batch may come in between.
    fn unfinished_entry(&self, key: &[u8], value: &[u8]) -> Result<Option<Entry>, StoreError> {
        let order_id = value::open(key, value)?;
        let place = place_of(key)?;
        let record = self.record(order_id)?.ok_or_else(|| damaged(key))?;
        match record.unfinished_place() {
            Some(found) if found == place => Ok(Some(Entry {
                place,
                order_id,
                record,
            })),
            None => Ok(None),
            Some(_) => Err(damaged(key)),
        }
    }
}

fn place_of(key: &[u8]) -> Result<Sequence, StoreError> {
    key::sequence_of(key).ok_or_else(|| damaged(key))
}

fn damaged(key: &[u8]) -> StoreError {
    StoreError::Damaged(format!("the place {key:02x?} leads nowhere"))
}
