//! How fast a view is built. A measurement, not a test: it fails only if the view does not get there.
//!
//! `cargo test --release -p ordertrace-projections rate -- --ignored --nocapture`

use std::time::Instant;

use ordertrace_domain::Sequence;

use crate::{
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
