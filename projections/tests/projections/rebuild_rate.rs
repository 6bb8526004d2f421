//! How fast a view is rebuilt, and what the one that answers notices. A measurement, not a test.
//!
//! `cargo test --release -p ordertrace-projections rebuild_rate -- --ignored --nocapture`

use std::time::{Duration, Instant};

use ordertrace_domain::{
    Sequence,
    testing::fixtures::{self, histories},
};
use ordertrace_projections::{RebuildRequest, RebuildState, ViewStore};

use crate::{
    feed::{Feed, Tip},
    folder::Folder,
    history::feed_of,
    rebuild_scene::Rebuilding,
    scene::{Running, until_at},
};

const MESSAGES: u64 = 20_000;

/// How many orders are placed one after the other to see how long the view takes to have them.
const LOOKS: u64 = 200;

/// How long the view takes to have an order, in the middle and at worst, over some looks.
async fn waits(feed: &Feed, store: &ViewStore, from: u64) -> (Duration, Duration) {
    let mut waits = Vec::new();
    for number in from..from + LOOKS {
        let placed = Instant::now();
        feed.write_all(number, Tip::NONE, histories::placed(fixtures::cash()));
        until_at(store, feed.head_now().sequence).await;
        waits.push(placed.elapsed());
    }
    waits.sort();
    (waits[waits.len() / 2], waits[waits.len() - 1])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, to be run in a release build"]
async fn the_rate_of_a_rebuild_and_what_the_view_notices() {
    let feed = feed_of(1, MESSAGES);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let running = Running::start(&feed, &store);
    until_at(&store, Sequence::new(MESSAGES)).await;
    let rebuilding = Rebuilding::of(&store, &feed);

    let begun = Instant::now();
    rebuilding
        .rebuilds
        .begin(RebuildRequest::default())
        .unwrap();
    let reading = rebuilding
        .until(|rebuild| rebuild.state != RebuildState::Reading)
        .await;
    let read_secs = begun.elapsed().as_secs_f64();
    let ended = rebuilding.ended().await;
    let secs = begun.elapsed().as_secs_f64();
    assert_eq!(ended.state, RebuildState::Switched, "{ended:?}");
    println!(
        "{MESSAGES} messages read in {read_secs:.2} s ({:.0} a second), {} entries compared and switched in {:.2} s",
        reading.events_per_second,
        ended.entries_compared,
        secs - read_secs
    );

    let (middle, worst) = waits(&feed, &store, 10_000_000).await;
    println!("alone: the view has an order after {middle:.2?}, {worst:.2?} at worst");
    rebuilding
        .rebuilds
        .begin(RebuildRequest::default())
        .unwrap();
    let (middle, worst) = waits(&feed, &store, 20_000_000).await;
    let was_under_way = !rebuilding.rebuilds.last().unwrap().state.has_ended();
    println!("beside a rebuild (to the end: {was_under_way}): {middle:.2?}, {worst:.2?} at worst");
    rebuilding.ended().await;
    rebuilding.stop().await;
    running.stop().await.unwrap();
}
