//! What is counted along with the rows: orders by state, and by the hour in which they were placed.

use std::collections::BTreeMap;

use ordertrace_domain::Timestamp;

use super::{Counts, Generation, StoreError, ViewStore, key, marks::hour_of, value};
use crate::Facet;

/// How many orders of one hour are in which state now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCounts {
    /// When the hour begins.
    pub begins: Timestamp,
    /// How many are in each state; those of nobody are left out.
    pub states: BTreeMap<String, u64>,
}

/// An hour, in the microseconds of a timestamp.
const HOUR_MICROS: i64 = 3_600_000_000;

impl ViewStore {
    /// How many orders have a facet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn count(&self, facet: &Facet) -> Result<u64, StoreError> {
        self.attempt(|view| view.counted(&key::facet_count(facet)))
    }

    /// What is counted beside the facets.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.attempt(|view| Ok(view.progress()?.counts))
    }

    /// The hours from that of `from` to that of `to`, both included, in which an order was placed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn hours(&self, from: Timestamp, to: Timestamp) -> Result<Vec<HourCounts>, StoreError> {
        self.attempt(|view| view.hours(from, to))
    }
}

impl Generation {
    fn hours(&self, from: Timestamp, to: Timestamp) -> Result<Vec<HourCounts>, StoreError> {
        let (first, last) = (hour_of(from.micros()), hour_of(to.micros()));
        let range = key::hour_count(first, "")..key::hour_count(last.saturating_add(1), "");
        let mut hours: Vec<HourCounts> = Vec::new();
        for stored in self.tree.range(range) {
            let (key, count) = stored?;
            let count: u64 = value::open(&key, &count)?;
            let (hour, state) = key::hour_and_state(&key).ok_or_else(|| {
                StoreError::Damaged(format!("the count {key:02x?} is of no hour"))
            })?;
            let begins = beginning_of(hour);
            if hours.last().is_none_or(|hour| hour.begins != begins) {
                let states = BTreeMap::new();
                hours.push(HourCounts { begins, states });
            }
            if let Some(hour) = hours.last_mut() {
                hour.states.insert(state.to_owned(), count);
            }
        }
        Ok(hours)
    }
}

fn beginning_of(hour: u64) -> Timestamp {
    let hours = i64::try_from(hour).unwrap_or(i64::MAX);
    Timestamp::from_micros(hours.saturating_mul(HOUR_MICROS))
}
