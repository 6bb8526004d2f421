//! A chunk of the log on its way into a view: what it changes, message by message, and the one batch it becomes.
//!
//! Invariant: how the log is cut into chunks leaves no trace in the bytes. Messages at or before the checkpoint were
//! applied before and are passed over; one that leaves a gap is an error, and nothing of its chunk is written.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map};

use ordertrace_domain::{BrokenHistory, FeedItem, OrderId};
use serde::Serialize;

use super::{
    StoreError, Update,
    generation::Generation,
    key,
    marks::{Marks, Tallies},
    places::{PLACES_A_BLOCK, Place},
    postings::Moves,
    progress::Progress,
    timeline::part_of,
    value,
};
use crate::{Change, Happening, Listing, Record, apply, apply::order_of};

/// Who is told of what a chunk changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Nobody: a view that is built beside another comes upon what the other has told before.
    Nobody,
    /// Whoever reads the log of the process: of messages that don't belong there.
    Operators,
    /// Those who watch the view, too: of every change.
    Watchers,
}

/// What a chunk of messages changes.
pub(super) struct Chunk<'a> {
    view: &'a Generation,
    progress: Progress,
    /// The records that were looked at, as they are after the chunk.
    records: HashMap<OrderId, Looked>,
    /// The blocks of places that grow.
    places: BTreeMap<(Listing, u64), Vec<Place>>,
    /// The parts of timelines that grow.
    timelines: HashMap<(OrderId, u64), Vec<Happening>>,
    audience: Audience,
    /// What to tell those who watch; none if nobody does.
    updates: Option<Vec<Update>>,
}

/// A record with what the tree has of it.
struct Looked {
    /// What is known of the order after the chunk, if anything.
    record: Option<Record>,
    /// Whether that differs from what is in the tree.
    is_changed: bool,
    /// What the tree has of it in the indexes and the counts.
    before: Marks,
    /// The row in the tree, as it is stored, if it is there.
    stored: Option<sled::IVec>,
}

impl Looked {
    fn up(view: &Generation, order: OrderId) -> Result<Self, StoreError> {
        let key = key::record(order);
        let stored = view.tree.get(key)?;
        let record = stored.as_ref().map(|stored| value::open(&key, stored));
        let record: Option<Record> = record.transpose()?;
        Ok(Self {
            before: record.as_ref().map(Marks::of).unwrap_or_default(),
            record,
            is_changed: false,
            stored,
        })
    }
}

impl<'a> Chunk<'a> {
    /// Nothing yet, behind this progress of the view.
    pub(super) fn new(view: &'a Generation, progress: Progress, audience: Audience) -> Self {
        Self {
            view,
            progress,
            records: HashMap::new(),
            places: BTreeMap::new(),
            timelines: HashMap::new(),
            audience,
            updates: (audience == Audience::Watchers).then(Vec::new),
        }
    }

    /// Takes in a message, unless it was taken in before.
    pub(super) fn add(&mut self, item: &FeedItem) -> Result<(), StoreError> {
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
            hash_map::Entry::Vacant(entry) => entry.insert(Looked::up(self.view, order)?),
        };
        let after = match apply(looked.record.as_ref(), item) {
            Change::Nothing | Change::Stray => return Ok(()),
            Change::Advanced { mut row, entered } => {
                if let Some(listing) = entered {
                    if listing == Listing::Placed {
                        row.number = self.progress.counts.placed;
                        self.progress.clock = self.progress.clock.max(row.placed_at);
                    }
                    let place = Place {
                        sequence: item.sequence(),
                        order_id: order,
                        at: self.progress.clock,
                    };
                    let number = self.progress.counts.of(listing);
                    grow(&mut self.places, self.view, listing, number, place)?;
                    self.progress.counts.count(listing);
                }
                if let FeedItem::Event(recorded) = item {
                    let before = looked.record.as_ref().and_then(Record::row);
                    let before = before.map(|before| &before.order);
                    let happening = Happening::of(recorded, before, &row.order);
                    let part = part_of(happening.version);
                    let timeline = match self.timelines.entry((order, part)) {
                        hash_map::Entry::Occupied(entry) => entry.into_mut(),
                        hash_map::Entry::Vacant(entry) => {
                            entry.insert(self.view.timeline_part(order, part)?)
                        }
                    };
                    timeline.push(happening);
                }
                Record::Sound(row)
            }
            Change::Quarantined { record, cause } => {
                self.progress.counts.quarantined += 1;
                if self.audience != Audience::Nobody {
                    alarm_quarantine(order, &cause);
                }
                record
            }
        };
        let before = looked.record.replace(after.clone());
        looked.is_changed = true;
        if let Some(updates) = &mut self.updates {
            updates.push(Update {
                sequence: item.sequence(),
                order_id: order,
                before,
                after,
            });
        }
        Ok(())
    }

    fn add_stray(&mut self, item: &FeedItem) {
        self.progress.counts.strays += 1;
        if self.audience == Audience::Nobody {
            return;
        }
        if let FeedItem::Unreadable(unreadable) = item {
            tracing::error!(
                event.position = unreadable.sequence.get(),
                error = %unreadable.error,
                "a message of the log can't be read, and its subject names no order; the view goes on without it"
            );
        }
    }

    /// The batch, the progress behind it, and what to tell those who watch.
    pub(super) fn finish(mut self) -> Result<(sled::Batch, Progress, Vec<Update>), StoreError> {
        let mut batch = sled::Batch::default();
        self.put_records(&mut batch)?;
        for ((listing, block), places) in &self.places {
            put(&mut batch, &key::places(*listing, *block), places)?;
        }
        for ((order, part), timeline) in &self.timelines {
            put(&mut batch, &key::timeline(*order, *part), timeline)?;
        }
        put(&mut batch, &key::PROGRESS, &self.progress)?;
        Ok((batch, self.progress, self.updates.unwrap_or_default()))
    }

    fn put_records(&mut self, batch: &mut sled::Batch) -> Result<(), StoreError> {
        let mut tallies = Tallies::default();
        let mut moves = Moves::default();
        let changed = self.records.iter().filter(|(_, looked)| looked.is_changed);
        for (order, looked) in changed {
            let Some(record) = &looked.record else {
                continue;
            };
            let key = key::record(*order);
            let value = value::seal(&key, record)?;
            if let Some(stored) = &looked.stored {
                self.progress.digest.remove(&key, stored);
            }
            self.progress.digest.add(&key, &value);
            batch.insert(&key, value);
            let after = Marks::of(record);
            for key in looked.before.entries.difference(&after.entries) {
                batch.remove(key.as_slice());
            }
            for key in after.entries.difference(&looked.before.entries) {
                put(batch, key, order)?;
            }
            looked.before.note_moves(&after, &mut moves);
            tallies.move_from(&looked.before, &after);
        }
        self.view.post(moves, batch)?;
        self.view.count(tallies, batch)
    }
}

/// Puts the next place of a listing into its block.
fn grow(
    blocks: &mut BTreeMap<(Listing, u64), Vec<Place>>,
    view: &Generation,
    listing: Listing,
    number: u64,
    place: Place,
) -> Result<(), StoreError> {
    let block = number / PLACES_A_BLOCK;
    let places = match blocks.entry((listing, block)) {
        btree_map::Entry::Occupied(entry) => entry.into_mut(),
        btree_map::Entry::Vacant(entry) => entry.insert(view.places(listing, block)?),
    };
    places.push(place);
    Ok(())
}

fn put(batch: &mut sled::Batch, key: &[u8], body: &impl Serialize) -> Result<(), StoreError> {
    batch.insert(key, value::seal(key, body)?);
    Ok(())
}

fn alarm_quarantine(order: OrderId, cause: &BrokenHistory) {
    tracing::error!(
        order.id = %order,
        event.position = cause.sequence().get(),
        error = %cause,
        "an order is quarantined: an event of it does not follow; its later events are not applied"
    );
}
