//! Applying messages: a chunk of the log becomes one atomic batch of rows, places, counts and checkpoint.
//!
//! Invariant: how the log is cut into chunks leaves no trace in the bytes. Messages at or before the checkpoint were
//! applied before and are passed over; one that leaves a gap stops the view.

use std::{
    collections::{HashMap, hash_map},
    sync::PoisonError,
};

use ordertrace_domain::{BrokenHistory, FeedItem, OrderId, Sequence, Timestamp};

use super::{
    Shared, StoreError, ViewStore, key,
    marks::{Marks, Tallies},
    progress::Progress,
    value,
};
use crate::{Change, Happening, Listing, Record, ViewStatus, apply, apply::order_of};

impl ViewStore {
    /// Applies the messages that follow on the view's position, all or none, and announces the new position.
    ///
    /// # Errors
    /// See [`StoreError`]. The view then stands where it stood, and is stopped.
    pub fn commit(&self, items: &[FeedItem]) -> Result<Sequence, StoreError> {
        let progress = self.attempt(|shared| shared.commit(items))?;
        self.shared.announce(&progress);
        Ok(progress.sequence)
    }
}

impl Shared {
    fn commit(&self, items: &[FeedItem]) -> Result<Progress, StoreError> {
        // A writer that panicked has stopped the view, and has not changed the progress.
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chunk = Chunk {
            shared: self,
            progress: *progress,
            records: HashMap::new(),
            places: Vec::new(),
            times: Vec::new(),
            happenings: Vec::new(),
        };
        for item in items {
            chunk.add(item)?;
        }
        if chunk.progress.sequence > progress.sequence {
            self.tree.apply_batch(chunk.batch()?)?;
            *progress = chunk.progress;
        }
        Ok(*progress)
    }

    fn announce(&self, progress: &Progress) {
        self.status.send_if_modified(|status| {
            let is_later = progress.sequence > status.position.sequence;
            if is_later {
                self.update(status, progress);
            }
            is_later
        });
    }

    pub(super) fn update(&self, status: &mut ViewStatus, progress: &Progress) {
        status.position = progress.position();
        status.head_at_start_reached |= progress.sequence >= self.head_at_start.sequence;
        status.quarantined = progress.counts.quarantined;
        status.strays = progress.counts.strays;
    }
}

/// What a chunk of messages changes.
struct Chunk<'a> {
    shared: &'a Shared,
    progress: Progress,
    /// The records that were looked at, as they are after the chunk.
    records: HashMap<OrderId, Option<Looked>>,
    places: Vec<(Listing, Sequence, OrderId)>,
    times: Vec<(Timestamp, Sequence)>,
    happenings: Vec<(OrderId, Happening)>,
}

/// A record with whether it differs from the one in the tree.
struct Looked {
    record: Record,
    is_changed: bool,
    /// What the tree has of it in the indexes and the counts.
    before: Marks,
}

impl Chunk<'_> {
    fn add(&mut self, item: &FeedItem) -> Result<(), StoreError> {
        let (expected, found) = (self.progress.sequence.next(), item.sequence());
        if found < expected {
            return Ok(());
        }
        if found > expected {
            return Err(StoreError::Gap { expected, found });
        }
        match order_of(item) {
            Some(order) => self.add_to(order, item)?,
            None => self.add_stray(item),
        }
        self.progress.sequence = found;
        Ok(())
    }

    fn add_to(&mut self, order: OrderId, item: &FeedItem) -> Result<(), StoreError> {
        let looked = match self.records.entry(order) {
            hash_map::Entry::Occupied(entry) => entry.into_mut(),
            hash_map::Entry::Vacant(entry) => {
                let looked = self.shared.record(order)?.map(|record| Looked {
                    before: Marks::of(&record),
                    record,
                    is_changed: false,
                });
                entry.insert(looked)
            }
        };
        let record = match apply(looked.as_ref().map(|looked| &looked.record), item) {
            Change::Nothing | Change::Stray => return Ok(()),
            Change::Advanced { row, entered } => {
                if let Some(listing) = entered {
                    if listing == Listing::Placed {
                        self.progress.clock = self.progress.clock.max(row.placed_at);
                        self.times.push((self.progress.clock, item.sequence()));
                    }
                    self.progress.counts.count(listing);
                    self.places.push((listing, item.sequence(), order));
                }
                if let FeedItem::Event(recorded) = item {
                    let before = looked.as_ref().and_then(|looked| looked.record.row());
                    let before = before.map(|before| &before.order);
                    let happening = Happening::of(recorded, before, &row.order);
                    self.happenings.push((order, happening));
                }
                Record::Sound(row)
            }
            Change::Quarantined { record, cause } => {
                self.progress.counts.quarantined += 1;
                alarm_quarantine(order, &cause);
                record
            }
        };
        *looked = Some(Looked {
            record,
            is_changed: true,
            before: looked
                .take()
                .map(|looked| looked.before)
                .unwrap_or_default(),
        });
        Ok(())
    }

    fn add_stray(&mut self, item: &FeedItem) {
        self.progress.counts.strays += 1;
        if let FeedItem::Unreadable(unreadable) = item {
            tracing::error!(
                event.position = unreadable.sequence.get(),
                error = %unreadable.error,
                "a message of the log can't be read, and its subject names no order; the view goes on without it"
            );
        }
    }

    fn batch(&self) -> Result<sled::Batch, StoreError> {
        let mut batch = sled::Batch::default();
        let mut tallies = Tallies::default();
        let looked = self.records.iter();
        let changed = looked.filter_map(|(order, looked)| Some((order, looked.as_ref()?)));
        for (order, looked) in changed.filter(|(_, looked)| looked.is_changed) {
            let key = key::record(*order);
            batch.insert(&key, value::seal(&key, &looked.record)?);
            let after = Marks::of(&looked.record);
            for key in looked.before.entries.difference(&after.entries) {
                batch.remove(key.as_slice());
            }
            for key in after.entries.difference(&looked.before.entries) {
                batch.insert(key.as_slice(), value::seal(key, order)?);
            }
            tallies.move_from(&looked.before, &after);
        }
        self.shared.count(tallies, &mut batch)?;
        for (listing, place, order) in &self.places {
            let key = key::place(*listing, *place);
            batch.insert(&key, value::seal(&key, order)?);
        }
        for (order, happening) in &self.happenings {
            let key = key::happening(*order, happening.version);
            batch.insert(&key, value::seal(&key, happening)?);
        }
        for (at, place) in &self.times {
            let key = key::time(*at, *place);
            batch.insert(&key, value::seal(&key, &())?);
        }
        batch.insert(&key::PROGRESS, value::seal(&key::PROGRESS, &self.progress)?);
        Ok(batch)
    }
}

fn alarm_quarantine(order: OrderId, cause: &BrokenHistory) {
    tracing::error!(
        order.id = %order,
        event.position = cause.sequence().get(),
        error = %cause,
        "an order is quarantined: an event of it does not follow; its later events are not applied"
    );
}
