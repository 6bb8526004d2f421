//! Finding orders by what they have in common: each facet has an index of its own, in the order in which orders were placed.
//!
//! Invariant: what is found has all the facets that were asked for, at the time it was looked at. Several facets are
//! intersected by leaping: each index is asked for its next order from where the others are, so that the cost grows with the
//! rarest of them and not with the number of orders. A leap within the blocks at hand costs next to nothing; blocks are what
//! a search pays for.

use ordertrace_domain::{Sequence, Timestamp};

use super::{
    Entry, Generation, StoreError, ViewStore,
    places::{Place, Places},
    postings::Postings,
};
use crate::{Facet, Listing};

/// How many blocks of indexes one search may read: a few milliseconds' worth. Facets that are common, but rarely together, are
/// found in several searches, each from where the last one stopped.
const BLOCKS_MAX: usize = 200;

/// How many leaps one search may take within the blocks it has read: a few milliseconds as well.
const LEAPS_MAX: usize = 50_000;

/// How many orders that are not in the listing one search may look at: as many as the longest page has.
const PASSED_OVER_MAX: usize = 200;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The last placed first.
    NewestFirst,
    /// The first placed first.
    OldestFirst,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Only orders that are in this listing. They are found in the order in which they were placed all the same.
    pub listing: Listing,
    /// What the orders have to have, all of it; none for any order.
    pub facets: Vec<Facet>,
    /// Placed at this time or later.
    pub from: Option<Timestamp>,
    /// Placed before this time.
    pub to: Option<Timestamp>,
    /// In which order.
    pub direction: Direction,
    /// Behind which place; none for the beginning.
    pub after: Option<Sequence>,
    /// At most so many.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The orders, in the direction of the search. There may be more though these are fewer than the limit.
    pub entries: Vec<Entry>,
    /// The place behind which there may be more; nothing if there is none.
    pub next: Option<Sequence>,
}

impl ViewStore {
    /// Looks for orders.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn find(&self, search: &Search) -> Result<Found, StoreError> {
        self.attempt(|view| view.find(search))
    }
}

/// The numbers of the orders that may be in question, both ends included.
#[derive(Clone, Copy)]
struct Span {
    first: u64,
    last: u64,
}

impl Generation {
    fn find(&self, search: &Search) -> Result<Found, StoreError> {
        let total = self.progress()?.counts.of(Listing::Placed);
        let mut places = Places::new(self, Listing::Placed, total);
        let mut indexes: Vec<_> = search
            .facets
            .iter()
            .map(|facet| Postings::new(self, facet))
            .collect();
        let mut found = Found::default();
        let mut span = span(search, &mut places)?;
        let (mut leaps, mut passed_over) = (0, 0);
        while let Some(candidates) = span {
            let Some(leap) = leap(&mut indexes, candidates, search.direction)? else {
                return Ok(found);
            };
            span = candidates.behind(leap.number, search.direction, !leap.is_common);
            leaps += 1;
            if leap.is_common {
                if found.entries.len() == search.limit {
                    found.next = found.entries.last().map(|entry| entry.place);
                    return Ok(found);
                }
                let place = places.get(leap.number)?;
                let entry = self.entry_at(leap.number, place, search)?;
                passed_over += usize::from(entry.is_none());
                found.entries.extend(entry);
                if passed_over >= PASSED_OVER_MAX {
                    found.next = Some(place.sequence);
                    return Ok(found);
                }
            } else if leaps >= LEAPS_MAX || blocks_read(&indexes) >= BLOCKS_MAX {
                let place = places.get(leap.number)?.sequence;
                found.next = Some(before(place, search.direction));
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// The order with this number; nothing if it is not in the listing, or has lost a facet since the index was read, for a
    /// batch may come in between.
    fn entry_at(
        &self,
        number: u64,
        place: Place,
        search: &Search,
    ) -> Result<Option<Entry>, StoreError> {
        let order_id = place.order_id;
        let damaged = || StoreError::Damaged(format!("the order {order_id} is in an index only"));
        let record = self.record(order_id)?.ok_or_else(damaged)?;
        let row = record.row().ok_or_else(damaged)?;
        if (row.number, row.placed) != (number, place.sequence) {
            return Err(damaged());
        }
        let has = Facet::of(&row.order);
        let is_met = row.place_in(search.listing).is_some()
            && search.facets.iter().all(|facet| has.contains(facet));
        Ok(is_met.then_some(Entry {
            place: place.sequence,
            order_id,
            record,
        }))
    }
}

fn blocks_read(indexes: &[Postings<'_>]) -> usize {
    indexes.iter().map(|index| index.blocks_read).sum()
}

/// The orders that the times and the cursor leave.
fn span(search: &Search, places: &mut Places<'_>) -> Result<Option<Span>, StoreError> {
    let (mut first, mut end) = (0, places.total);
    if let Some(from) = search.from {
        first = places.count_while(|place| place.at < from)?;
    }
    if let Some(to) = search.to {
        end = places.count_while(|place| place.at < to)?;
    }
    match (search.after, search.direction) {
        (Some(after), Direction::NewestFirst) => {
            end = end.min(places.count_while(|place| place.sequence < after)?);
        }
        (Some(after), Direction::OldestFirst) => {
            first = first.max(places.count_while(|place| place.sequence <= after)?);
        }
        (None, Direction::NewestFirst | Direction::OldestFirst) => {}
    }
    let last = end.checked_sub(1);
    Ok(last.and_then(|last| Span { first, last }.unless_empty()))
}

/// Where the indexes stand.
struct Leap {
    /// The farthest of their next orders.
    number: u64,
    /// Whether it is the next one of all of them.
    is_common: bool,
}

/// The nearest order, in the direction of the search, that is not before any index's next one.
fn leap(
    indexes: &mut [Postings<'_>],
    span: Span,
    direction: Direction,
) -> Result<Option<Leap>, StoreError> {
    let start = match direction {
        Direction::NewestFirst => span.last,
        Direction::OldestFirst => span.first,
    };
    let mut leap = Leap {
        number: start,
        is_common: true,
    };
    for (nth, index) in indexes.iter_mut().enumerate() {
        // Each goes on from where the one before it has come to.
        let next = match direction {
            Direction::NewestFirst => index.last_to(leap.number)?,
            Direction::OldestFirst => index.first_from(leap.number)?,
        };
        let Some(next) = next.filter(|next| (span.first..=span.last).contains(next)) else {
            return Ok(None);
        };
        leap.is_common &= nth == 0 || next == leap.number;
        leap.number = next;
    }
    Ok(Some(leap))
}

impl Span {
    /// What is left of it behind an order, or from the order on.
    fn behind(self, number: u64, direction: Direction, is_from: bool) -> Option<Self> {
        let step = u64::from(!is_from);
        match direction {
            Direction::NewestFirst => Self {
                last: self.last.min(number.checked_sub(step)?),
                ..self
            },
            Direction::OldestFirst => Self {
                first: self.first.max(number.checked_add(step)?),
                ..self
            },
        }
        .unless_empty()
    }

    fn unless_empty(self) -> Option<Self> {
        (self.first <= self.last).then_some(self)
    }
}

/// The place next to this one, on the side that the search comes from.
fn before(place: Sequence, direction: Direction) -> Sequence {
    match direction {
        Direction::NewestFirst => place.next(),
        Direction::OldestFirst => Sequence::new(place.get().saturating_sub(1)),
    }
}
