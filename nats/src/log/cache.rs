//! The histories of orders that were used lately.
//!
//! Invariant: what is cached was in the log. It may lag behind it; an append's expectation catches that. Orders without
//! events are not cached, so that made-up ids can't drive real ones out.

use ordertrace_domain::{History, OrderId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Events in all cached histories: at under a kilobyte each, some 60 MB at the most.
const EVENTS_MAX: u64 = 65_536;
/// A usual order has as many events.
const EVENTS_PER_ORDER: u64 = 8;

/// See the module.
#[derive(Debug)]
pub(super) struct HistoryCache {
    histories: Cache<OrderId, History, EventCount>,
}

#[derive(Debug, Clone)]
struct EventCount;

impl Weighter<OrderId, History> for EventCount {
    fn weight(&self, _order: &OrderId, history: &History) -> u64 {
        history.version().get()
    }
}

impl HistoryCache {
    pub(super) fn new() -> Self {
        Self::with_room_for(EVENTS_MAX)
    }

    fn with_room_for(events_max: u64) -> Self {
        let orders = usize::try_from(events_max / EVENTS_PER_ORDER).unwrap_or(usize::MAX);
        Self {
            histories: Cache::with_weighter(orders, events_max, EventCount),
        }
    }

    pub(super) fn get(&self, order: OrderId) -> Option<History> {
        self.histories.get(&order)
    }

    /// Keeps a history, unless a longer one of the order is there: a slow read must not put back what is newer.
    pub(super) fn keep(&self, history: &History) {
        let order = history.order_id();
        let known = self
            .histories
            .peek(&order)
            .map(|known| known.last_sequence());
        if known.unwrap_or_default() < history.last_sequence() {
            self.histories.insert(order, history.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ordertrace_domain::testing::fixtures::{self, drafts, histories};
    use ordertrace_domain::{Sequence, StoredEvent, Version};

    use super::*;

    /// An order that was completed: eight events.
    fn completed() -> History {
        let mut history = History::empty(fixtures::order_id());
        for draft in drafts(&history.clone(), histories::completed(fixtures::card())) {
            let event = StoredEvent {
                sequence: Sequence::new(draft.envelope.version.get()),
                hash: draft.hash,
                envelope: draft.envelope,
            };
            history.push(Arc::new(event)).unwrap();
        }
        history
    }

    #[test]
    fn a_slow_read_does_not_put_back_what_is_newer() {
        let cache = HistoryCache::new();
        let (newer, older) = {
            let history = completed();
            (history.clone(), history.until(Version::new(3)))
        };
        cache.keep(&older);
        cache.keep(&newer);
        cache.keep(&older);
        let cached = cache.get(newer.order_id()).unwrap();
        assert_eq!(cached.version(), newer.version());
    }

    #[test]
    fn an_order_without_events_is_not_kept() {
        let cache = HistoryCache::new();
        let order = fixtures::order_id();
        cache.keep(&History::empty(order));
        assert!(cache.get(order).is_none());
    }

    #[test]
    fn the_oldest_give_way_when_it_is_full() {
        let events_max = 8_000;
        let cache = HistoryCache::with_room_for(events_max);
        for _ in 0..2_000 {
            cache.keep(&completed());
        }
        let kept = cache.histories.weight();
        assert!(kept <= events_max, "{kept} events are kept");
        assert!(kept > events_max / 2, "{kept} events are kept");
    }
}
