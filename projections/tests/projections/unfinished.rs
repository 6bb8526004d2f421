//! The index of unfinished orders: what it holds is what a look at every record would find.

use ordertrace_domain::{
    Event, OrderId, Sequence,
    testing::strategies::{self, Course},
};
use ordertrace_projections::{Listing, Record, ViewStore};
use proptest::{collection::vec, prelude::*};

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    history::feed_of,
};

/// The places in the index as they are stored, those that lead to an order that has ended among them.
fn stored_places(store: &ViewStore) -> Vec<Sequence> {
    const TAG: u8 = 0x13;
    let contents = store.contents().unwrap().into_iter();
    let keys = contents.filter_map(|it| it.key.strip_prefix(&[TAG]).map(<[u8]>::to_vec));
    keys.map(|key| Sequence::new(u64::from_be_bytes(key.try_into().unwrap())))
        .collect()
}

/// The index, read in pages of this many.
fn indexed(store: &ViewStore, limit: usize) -> Vec<(Sequence, OrderId)> {
    let mut found = Vec::new();
    let mut after = Some(Sequence::START);
    while let Some(from) = after {
        let page = store.unfinished(from, limit).unwrap();
        assert!(page.entries.len() <= limit);
        found.extend(page.entries.iter().map(|it| (it.place, it.order_id)));
        after = page.next;
    }
    let places: Vec<_> = found.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, stored_places(store), "nothing is left behind");
    found
}

/// What the index has to hold, by a look at the record of each of the first so many orders.
fn expected(store: &ViewStore, orders: u64) -> Vec<(Sequence, OrderId)> {
    let of = |number| {
        let id = order_id(number);
        let record = store.record(id).unwrap()?;
        is_unfinished(&record).then(|| (first_message(&record), id))
    };
    let mut found: Vec<_> = (0..orders).filter_map(of).collect();
    found.sort_unstable();
    found
}

fn is_unfinished(record: &Record) -> bool {
    let has_ended = record.row().is_some_and(|row| row.order.phase.has_ended());
    !has_ended || record.quarantine().is_some()
}

fn first_message(record: &Record) -> Sequence {
    match (record.row(), record.quarantine()) {
        (Some(row), _) => row.place_in(Listing::Placed).unwrap(),
        (None, Some(quarantine)) => quarantine.sequence,
        (None, None) => unreachable!("a sound record has a row"),
    }
}

/// The events of several orders, one of each in turn.
fn interleaved(courses: &[Course]) -> Feed {
    let feed = Feed::new();
    let histories: Vec<Vec<Event>> = courses.iter().map(Course::events).collect();
    let mut tips = vec![Tip::NONE; courses.len()];
    let longest = histories.iter().map(Vec::len).max().unwrap_or_default();
    for nth in 0..longest {
        for (number, history) in (0..).zip(&histories) {
            let tip = &mut tips[usize::try_from(number).unwrap()];
            if let Some(event) = history.get(nth) {
                *tip = feed.write_all(number, *tip, [event.clone()]);
            }
        }
    }
    feed
}

const MESSAGES: u64 = 600;

/// A long log of orders of every kind, the last of them with nothing that can be read.
fn spoilt_feed(seed: u64) -> Feed {
    let feed = feed_of(seed, MESSAGES);
    feed.write(MESSAGES, b"no envelope");
    feed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_is_the_set_of_orders_that_have_not_ended(
        courses in vec(strategies::course(), 1..8),
        chunk in 1_usize..20,
        limit in 1_usize..5,
    ) {
        let feed = interleaved(&courses);
        let folder = Folder::new();
        let store = folder.open(feed.head_now());
        for items in feed.items().chunks(chunk) {
            store.commit(items).unwrap();
            let orders = courses.len() as u64;
            prop_assert_eq!(indexed(&store, limit), expected(&store, orders));
        }
    }

    #[test]
    fn the_index_holds_whatever_the_log_has_in_it_and_survives_a_restart_and_a_rebuild(
        seed in any::<u64>(),
        chunk in 1_usize..200,
    ) {
        let feed = spoilt_feed(seed);
        let folder = Folder::new();
        let store = folder.open(feed.head_now());
        for items in feed.items().chunks(chunk) {
            store.commit(items).unwrap();
        }
        let live = indexed(&store, 7);
        prop_assert_eq!(&live, &expected(&store, MESSAGES + 1));
        drop(store);
        let reopened = folder.open(feed.head_now());
        prop_assert_eq!(&indexed(&reopened, 100), &live);
        let (_rebuilt_folder, rebuilt) = Folder::with(&feed);
        prop_assert_eq!(&indexed(&rebuilt, 1), &live);
    }
}

#[test]
fn the_log_of_these_tests_has_orders_of_every_kind() {
    let feed = spoilt_feed(7);
    let (_folder, store) = Folder::with(&feed);
    let found = indexed(&store, 100);
    let records = found
        .iter()
        .map(|(_, id)| store.record(*id).unwrap().unwrap());
    let records: Vec<_> = records.collect();
    let count = |is_so: fn(&Record) -> bool| records.iter().filter(|it| is_so(it)).count();
    assert!(count(|it| it.quarantine().is_none()) > 0, "on their way");
    assert!(
        count(|it| it.quarantine().is_some() && it.row().is_some()) > 0,
        "spoilt"
    );
    assert!(count(|it| it.row().is_none()) > 0, "spoilt from the start");
    let placed = store.page(Listing::Placed, None, 1).unwrap().total;
    assert!((found.len() as u64) < placed, "some have ended");
}
