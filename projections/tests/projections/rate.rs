//! How fast a view is built, and what a filter costs. Measurements, not tests: they fail only if the view does not get there.
//!
//! `cargo test --release -p ordertrace-projections rate -- --ignored --nocapture`

use std::time::Instant;

use ordertrace_domain::{
    ProductId, Sequence,
    testing::fixtures::{self, events},
};
use ordertrace_projections::{Direction, Facet, Listing, Search, ViewStore};

use crate::{
    feed::{Feed, Tip},
    folder::Folder,
    history::feed_of,
    scene::{Running, until_at},
};

const MESSAGES: u64 = 200_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, to be run in a release build"]
async fn the_rate_at_which_a_view_is_built() {
    let feed = feed_of(1, MESSAGES);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let started = Instant::now();
    let running = Running::start(&feed, &store);
    until_at(&store, Sequence::new(MESSAGES)).await;
    let built_secs = started.elapsed().as_secs_f64();
    running.stop().await.unwrap();
    let stopped_secs = started.elapsed().as_secs_f64();
    drop(store);
    let closed_secs = started.elapsed().as_secs_f64();
    let rate = MESSAGES as f64 / built_secs;
    println!(
        "{MESSAGES} messages in {built_secs:.2} s: {rate:.0} a second; flushed after {stopped_secs:.2} s, closed after {closed_secs:.2} s"
    );
    let reopening = Instant::now();
    let store = folder.open(feed.head_now());
    assert!(store.status().is_ready());
    println!("opened again in {:.2} s", reopening.elapsed().as_secs_f64());
    let reading = Instant::now();
    let entries = store.contents().unwrap().len();
    println!(
        "{entries} entries read in {:.2} s",
        reading.elapsed().as_secs_f64()
    );
}

/// How many orders the views have in which a filter is timed. The log in memory has no room for many more.
const SIZES: [u64; 3] = [1_000, 10_000, 100_000];

const SEARCHES: u32 = 200;

/// Orders that differ in product, and one in a hundred that has come further.
fn many_orders(count: u64) -> Feed {
    let feed = Feed::new();
    for number in 0..count {
        let product = number % 1_000 + 1;
        let lines = vec![fixtures::line(product, "Coffee", 1, 1_000)];
        let placed = events::order_placed_as(fixtures::order_of(lines, fixtures::cash()));
        let requested = (number % 100 == 0).then(|| events::payment_requested(fixtures::cash()));
        feed.write_all(number, Tip::NONE, [placed].into_iter().chain(requested));
    }
    feed
}

/// The slowest but one in a hundred of many searches, in microseconds.
fn p99_micros(store: &ViewStore, search: &Search) -> u128 {
    let mut times: Vec<_> = (0..SEARCHES)
        .map(|_| {
            let started = Instant::now();
            store.find(search).unwrap();
            started.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// The cost of a page grows with what is found, not with how many orders there are.
#[test]
#[ignore = "a measurement, to be run in a release build"]
fn the_cost_of_a_filter() {
    let product = |number| Facet::product(ProductId::new(number).unwrap());
    let filters = [
        ("any", vec![]),
        ("a common state", vec![Facet::state("placed")]),
        ("a rare state", vec![Facet::state("payment_requested")]),
        ("a product", vec![product(7)]),
        (
            "a product in a common state",
            vec![product(7), Facet::state("placed")],
        ),
        (
            "never together",
            vec![product(7), Facet::state("payment_requested")],
        ),
    ];
    for size in SIZES {
        let (_folder, store) = Folder::with(&many_orders(size));
        store.flush().unwrap();
        for (name, facets) in &filters {
            let search = Search {
                listing: Listing::Placed,
                facets: facets.clone(),
                from: None,
                to: None,
                direction: Direction::NewestFirst,
                after: None,
                limit: 50,
            };
            let found = store.find(&search).unwrap().entries.len();
            let p99 = p99_micros(&store, &search);
            println!("{size:>9} orders, {name}: {found} found, p99 {p99} us");
        }
    }
}
