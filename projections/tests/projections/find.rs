//! Finding orders by what they have in common: what the indexes find is what a look at every row would find.

use std::collections::BTreeMap;

use ordertrace_domain::{
    OrderId, Sequence, Timestamp,
    testing::fixtures::{card, cash, histories},
};
use ordertrace_projections::{Direction, Facet, Listing, Row, Search, ViewStore};
use proptest::prelude::*;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    history::feed_of,
};

const MESSAGES: u64 = 300;

/// Every order with a row, by its place, as a look at all of them finds it.
fn rows(store: &ViewStore) -> BTreeMap<Sequence, (OrderId, Row)> {
    let of = |number| {
        let id = order_id(number);
        let record = store.record(id).unwrap()?;
        let row = record.row()?.clone();
        Some((row.placed, (id, row)))
    };
    (0..=MESSAGES).filter_map(of).collect()
}

fn search_for_any(direction: Direction, limit: usize) -> Search {
    Search {
        listing: Listing::Placed,
        facets: Vec::new(),
        from: None,
        to: None,
        direction,
        after: None,
        limit,
    }
}

/// Everything that a search finds, page by page.
fn found(store: &ViewStore, search: &Search) -> Vec<OrderId> {
    let mut search = search.clone();
    let mut all = Vec::new();
    loop {
        let page = store.find(&search).unwrap();
        assert!(page.entries.len() <= search.limit);
        all.extend(page.entries.iter().map(|entry| entry.order_id));
        match page.next {
            Some(next) => search.after = Some(next),
            None => return all,
        }
    }
}

/// The same by a look at every row.
fn expected(rows: &BTreeMap<Sequence, (OrderId, Row)>, search: &Search) -> Vec<OrderId> {
    let meets = |row: &Row| {
        let facets = Facet::of(&row.order);
        row.place_in(search.listing).is_some()
            && search.facets.iter().all(|facet| facets.contains(facet))
            && search.from.is_none_or(|from| row.placed_at >= from)
            && search.to.is_none_or(|to| row.placed_at < to)
    };
    let ids = rows
        .values()
        .filter(|(_, row)| meets(row))
        .map(|(id, _)| *id);
    let mut ids: Vec<_> = ids.collect();
    if search.direction == Direction::NewestFirst {
        ids.reverse();
    }
    ids
}

/// Every facet that any order has, and one that none has.
fn facets(rows: &BTreeMap<Sequence, (OrderId, Row)>) -> Vec<Facet> {
    let mut facets: Vec<_> = rows
        .values()
        .flat_map(|(_, row)| Facet::of(&row.order))
        .collect();
    facets.sort_unstable();
    facets.dedup();
    facets.push(Facet::state("no such state"));
    facets
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_look_at_every_row_finds(
        seed in any::<u64>(),
        chunk in 1_usize..100,
        limit in 1_usize..8,
        picks in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
        span in (0_u64..MESSAGES, 0_u64..MESSAGES),
    ) {
        let feed = feed_of(seed, MESSAGES);
        let folder = Folder::new();
        let store = folder.open(feed.head_now());
        for items in feed.items().chunks(chunk) {
            store.commit(items).unwrap();
        }
        let rows = rows(&store);
        let facets = facets(&rows);
        let time = |nth: u64| rows.values().nth(usize::try_from(nth).unwrap() % rows.len().max(1)).map(|(_, row)| row.placed_at);
        for (one, other) in picks {
            for facets in [vec![], vec![one.get(&facets).clone()], vec![one.get(&facets).clone(), other.get(&facets).clone()]] {
                for direction in [Direction::NewestFirst, Direction::OldestFirst] {
                    for (from, to) in [(None, None), (time(span.0), None), (None, time(span.1)), (time(span.0), time(span.1))] {
                        for listing in Listing::ALL {
                            let search = Search { listing, facets: facets.clone(), from, to, ..search_for_any(direction, limit) };
                            prop_assert_eq!(found(&store, &search), expected(&rows, &search), "{:?}", search);
                        }
                    }
                }
            }
        }
        for facet in &facets {
            let search = Search { facets: vec![facet.clone()], ..search_for_any(Direction::NewestFirst, 50) };
            prop_assert_eq!(store.count(facet).unwrap(), expected(&rows, &search).len() as u64);
        }
    }
}

#[test]
fn orders_count_by_the_hour_they_were_placed_in_and_the_state_they_are_in() {
    let feed = Feed::of([
        histories::placed(cash()),
        histories::completed(card()),
        histories::completed(cash()),
    ]);
    let (_folder, store) = Folder::with(&feed);
    let begin = Timestamp::from_micros(0);
    let end = Timestamp::from_micros(i64::MAX / 2);
    let hours = store.hours(begin, end).unwrap();
    let counts: Vec<_> = hours.iter().map(|hour| hour.states.clone()).collect();
    let expected =
        [("completed", 2), ("placed", 1)].map(|(state, count)| (state.to_owned(), count));
    assert_eq!(counts, [BTreeMap::from(expected)]);
    let first = store.page(Listing::Placed, None, 3).unwrap();
    let placed_at = first.entries[2].row().unwrap().placed_at;
    assert!(hours[0].begins <= placed_at);
    assert!(placed_at.since(hours[0].begins).as_secs() < 3_600);
    assert_eq!(store.hours(begin, Timestamp::from_micros(1)).unwrap(), []);
}

/// Common facets that are rarely together: the search stops after a bounded number of leaps, and goes on from there.
#[test]
fn a_search_that_leaps_in_vain_ends_with_the_place_to_go_on_from() {
    const EACH: u64 = 2_000;
    let feed = Feed::new();
    for number in 0..EACH {
        let history = if number % 2 == 0 {
            histories::placed(cash())
        } else {
            histories::requested(card())
        };
        feed.write_all(number, Tip::NONE, history);
    }
    let (_folder, store) = Folder::with(&feed);
    let search = Search {
        facets: vec![Facet::state("placed"), Facet::payment_type("card")],
        ..search_for_any(Direction::NewestFirst, 50)
    };
    assert_eq!(found(&store, &search), []);
    let search = Search {
        facets: vec![Facet::state("placed"), Facet::payment_type("cash")],
        ..search
    };
    assert_eq!(found(&store, &search).len() as u64, EACH / 2);
}
