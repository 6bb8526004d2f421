//! Finding orders by what they have in common: each facet has an index of its own, in the order in which orders were placed.
//!
//! Invariant: what is found has all the facets that were asked for, at the time it was looked at. Several facets are
//! intersected by leaping: each index is asked for its next order from where the others are, so that the cost grows with the
//! rarest of them and not with the number of orders.

use ordertrace_domain::{OrderId, Sequence, Timestamp};

use super::{Entry, Generation, StoreError, ViewStore, key, value};
use crate::{Facet, Listing};

/// How many leaps one search may take: some tens of milliseconds. Facets that are common, but rarely together, are found
/// in several searches, each from where the last one stopped.
const LEAPS_MAX: usize = 5_000;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The places that may be in question, both ends included.
#[derive(Clone, Copy)]
struct Span {
    first: Sequence,
    last: Sequence,
}

impl Generation {
    fn find(&self, search: &Search) -> Result<Found, StoreError> {
        let mut found = Found {
            entries: Vec::new(),
            next: None,
        };
        let mut span = self.span(search)?;
        let mut leaps = 0;
        while let Some(candidate) = span {
            let Some(Leap {
                at: Spot { place, order_id },
                is_common,
            }) = self.leap(search, candidate)?
            else {
                return Ok(found);
            };
            leaps += 1;
            span = candidate.behind(place, search.direction, !is_common);
            if !is_common {
                if leaps >= LEAPS_MAX {
                    found.next = Some(before(place, search.direction));
                    return Ok(found);
                }
                continue;
            }
            if found.entries.len() == search.limit {
                found.next = found.entries.last().map(|entry| entry.place);
                return Ok(found);
            }
            found
                .entries
                .extend(self.entry_at(place, order_id, &search.facets)?);
        }
        Ok(found)
    }

    /// The places that the times and the cursor leave.
    fn span(&self, search: &Search) -> Result<Option<Span>, StoreError> {
        let mut span = Span {
            first: Sequence::START.next(),
            last: Sequence::new(u64::MAX),
        };
        if let Some(from) = search.from {
            match self.first_placed_at(from)? {
                Some(first) => span.first = first,
                None => return Ok(None),
            }
        }
        if let Some(to) = search.to
            && let Some(first_too_late) = self.first_placed_at(to)?
        {
            span.last = Sequence::new(first_too_late.get() - 1);
        }
        Ok(match search.after {
            Some(after) => span.behind(after, search.direction, false),
            None => span.unless_empty(),
        })
    }

    /// The first place at this time or later.
    fn first_placed_at(&self, at: Timestamp) -> Result<Option<Sequence>, StoreError> {
        let first = key::time(at, Sequence::START);
        let last = key::time(Timestamp::from_micros(i64::MAX), Sequence::new(u64::MAX));
        let found = self.tree.range(first..=last).next().transpose()?;
        Ok(found.and_then(|(key, _)| key::last_sequence_of(&key)))
    }

    /// The nearest place, in the direction of the search, that is not before any index's next one.
    fn leap(&self, search: &Search, span: Span) -> Result<Option<Leap>, StoreError> {
        if search.facets.is_empty() {
            let place = |sequence| key::place(Listing::Placed, sequence).to_vec();
            let next = self.next_in(place, span, search.direction)?;
            return Ok(next.map(|at| Leap {
                at,
                is_common: true,
            }));
        }
        let mut leap: Option<Leap> = None;
        for facet in &search.facets {
            let place = |sequence| key::facet(facet, sequence);
            let Some(next) = self.next_in(place, span, search.direction)? else {
                return Ok(None);
            };
            leap = Some(match leap {
                None => Leap {
                    at: next,
                    is_common: true,
                },
                Some(leap) => leap.with(next, search.direction),
            });
        }
        Ok(leap)
    }

    /// Each entry of an index holds the order's id, so that there is no need to look at its place.
    fn next_in(
        &self,
        key_of: impl Fn(Sequence) -> Vec<u8>,
        span: Span,
        direction: Direction,
    ) -> Result<Option<Spot>, StoreError> {
        let mut places = self.tree.range(key_of(span.first)..=key_of(span.last));
        let next = match direction {
            Direction::NewestFirst => places.next_back(),
            Direction::OldestFirst => places.next(),
        };
        let Some((key, value)) = next.transpose()? else {
            return Ok(None);
        };
        let damaged = || StoreError::Damaged(format!("the place {key:02x?} leads nowhere"));
        Ok(Some(Spot {
            place: key::last_sequence_of(&key).ok_or_else(damaged)?,
            order_id: value::open(&key, &value)?,
        }))
    }

    /// The order that was placed there; nothing if it has lost a facet since the index was read, for a batch may come in
    /// between.
    fn entry_at(
        &self,
        place: Sequence,
        order_id: OrderId,
        facets: &[Facet],
    ) -> Result<Option<Entry>, StoreError> {
        let damaged = || StoreError::Damaged(format!("the order {order_id} is in an index only"));
        let record = self.record(order_id)?.ok_or_else(damaged)?;
        let row = record.row().ok_or_else(damaged)?;
        if row.placed != place {
            return Err(damaged());
        }
        let has = Facet::of(&row.order);
        let is_met = facets.iter().all(|facet| has.contains(facet));
        Ok(is_met.then_some(Entry {
            place,
            order_id,
            record,
        }))
    }
}

/// An entry of an index.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Spot {
    place: Sequence,
    order_id: OrderId,
}

/// Where the indexes stand.
struct Leap {
    /// The farthest of their next entries.
    at: Spot,
    /// Whether it is the next one of all of them.
    is_common: bool,
}

impl Leap {
    /// The same with one more index.
    fn with(self, next: Spot, direction: Direction) -> Self {
        let is_farther = match direction {
            Direction::NewestFirst => next.place < self.at.place,
            Direction::OldestFirst => next.place > self.at.place,
        };
        Self {
            is_common: self.is_common && next == self.at,
            at: if is_farther { next } else { self.at },
        }
    }
}

impl Span {
    /// What is left of it behind a place, or from the place on.
    fn behind(self, place: Sequence, direction: Direction, is_from: bool) -> Option<Self> {
        let step = u64::from(!is_from);
        match direction {
            Direction::NewestFirst => Self {
                last: self.last.min(Sequence::new(place.get().checked_sub(step)?)),
                ..self
            },
            Direction::OldestFirst => Self {
                first: self
                    .first
                    .max(Sequence::new(place.get().checked_add(step)?)),
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
