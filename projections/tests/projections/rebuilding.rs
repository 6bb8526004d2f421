//! A rebuild beside the view that answers: what it comes to, and that nobody but its operator notices.

use ordertrace_domain::{
    Sequence,
    testing::fixtures::{cash, histories},
};
use ordertrace_projections::{Listing, NotBegun, RebuildRequest, RebuildState};
use rstest::rstest;
use tokio::{sync::broadcast::error::TryRecvError, time::timeout};

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    history::feed_of,
    live::at,
    live_stream::Site,
    rebuild_scene::{Rebuilding, Writing, a_small_feed, names, with_an_old_row},
    scene::{PATIENCE, Running, until_at},
};

/// Enough for a comparison of many slices.
const MESSAGES: u64 = 2_500;

pub(crate) const DRY: RebuildRequest = RebuildRequest {
    dry_run: true,
    switch_despite_differences: false,
};

const DESPITE: RebuildRequest = RebuildRequest {
    dry_run: false,
    switch_despite_differences: true,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_view_that_is_rebuilt_while_orders_come_in_is_the_same_byte_for_byte() {
    let feed = feed_of(11, MESSAGES);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let running = Running::start(&feed, &store);
    until_at(&store, feed.head_now().sequence).await;
    let writing = Writing::start(&feed, &store);
    let rebuilding = Rebuilding::of(&store, &feed);

    for folder_now in ["sled-1", "sled-2"] {
        let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
        assert_eq!(rebuild.state, RebuildState::Switched, "{rebuild:?}");
        let comparison = rebuild.comparison.unwrap();
        assert!(comparison.is_equal(), "{comparison:?}");
        assert!(comparison.live.entries > 1_000, "{comparison:?}");
        assert_eq!(comparison.live, comparison.rebuilt);
        assert!(
            comparison.position.sequence > rebuild.target.sequence,
            "nothing came in meanwhile"
        );
        assert_eq!(rebuild.events_done, rebuild.events_total);
        assert_eq!(
            names(&folder.path()),
            ["current", "ordertrace-view", folder_now]
        );
    }

    writing.stop();
    let head = feed.head_now();
    until_at(&store, head.sequence).await;
    rebuilding.stop().await;
    running.stop().await.unwrap();
    let expected = Folder::contents_of(&feed.items(), head);
    assert_eq!(store.contents().unwrap(), expected);
    drop(store);
    let store = folder.open(head);
    assert_eq!(store.set_aside(), None);
    assert_eq!(store.status().position, head);
    assert_eq!(store.contents().unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_watch_and_ask_see_neither_a_gap_nor_a_repeat_across_a_switch() {
    let feed = a_small_feed();
    let (_folder, store) = Folder::with(&feed);
    let running = Running::start(&feed, &store);
    let rebuilding = Rebuilding::of(&store, &feed);
    let mut watch = store.watch();
    let mut seen = watch.since;
    let writing = Writing::start(&feed, &store);
    let mut look = || {
        loop {
            match watch.updates.try_recv() {
                Ok(update) => {
                    assert_eq!(update.sequence, seen.next(), "a gap or a repeat");
                    seen = update.sequence;
                }
                Err(TryRecvError::Empty) => return seen,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let (mut newest, mut latecomers) = (Sequence::START, 0);
    for _ in 0..5 {
        rebuilding
            .rebuilds
            .begin(RebuildRequest::default())
            .unwrap();
        while rebuilding
            .rebuilds
            .last()
            .is_some_and(|last| !last.state.has_ended())
        {
            look();
            // Somebody who begins to watch just now is told of the next change, too.
            let mut late = store.watch();
            let page = store.page(Listing::Placed, None, 3).unwrap();
            assert!(page.entries[0].place >= newest, "the view went back");
            newest = page.entries[0].place;
            let update = timeout(PATIENCE, late.updates.recv()).await;
            assert_eq!(update.unwrap().unwrap().sequence, late.since.next());
            latecomers += 1;
        }
        assert_eq!(rebuilding.ended().await.state, RebuildState::Switched);
    }
    writing.stop();
    until_at(&store, feed.head_now().sequence).await;
    assert_eq!(look(), feed.head_now().sequence);
    assert!(latecomers > 0, "nobody has looked while a view was rebuilt");
    rebuilding.stop().await;
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_compares_and_leaves_everything_as_it_was() {
    let feed = feed_of(5, 600);
    let (folder, store) = Folder::with(&feed);
    let contents = store.contents().unwrap();
    let rebuilding = Rebuilding::of(&store, &feed);
    let rebuild = rebuilding.rebuild(DRY).await;
    assert_eq!(rebuild.state, RebuildState::Compared, "{rebuild:?}");
    let comparison = rebuild.comparison.unwrap();
    assert!(comparison.is_equal());
    assert_eq!(comparison.position, feed.head_now());
    let of_the_view = [0, 1, 3];
    let entries = contents
        .iter()
        .filter(|entry| entry.key.len() > 1 || !of_the_view.contains(&entry.key[0]));
    assert_eq!(comparison.live.entries, entries.count() as u64);
    assert_eq!(comparison.live.digest, store.digest().1);
    assert_eq!(names(&folder.path()), ["ordertrace-view", "sled"]);
    assert_eq!(store.contents().unwrap(), contents);
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_differs_is_kept_until_somebody_says_otherwise() {
    let feed = a_small_feed();
    let folder = with_an_old_row(&feed, 1);
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    let expected = Folder::contents_of(&feed.items(), feed.head_now());
    for (request, state) in [
        (DRY, RebuildState::Compared),
        (RebuildRequest::default(), RebuildState::Kept),
        (DESPITE, RebuildState::Switched),
    ] {
        assert_ne!(store.contents().unwrap(), expected);
        let rebuild = rebuilding.rebuild(request).await;
        assert_eq!(rebuild.state, state, "{rebuild:?}");
        let comparison = rebuild.comparison.unwrap();
        assert!(!comparison.is_equal());
        assert_eq!(comparison.differences_found, 1, "{comparison:#?}");
        let difference = &comparison.differences[0];
        assert_eq!(difference.order_id, Some(order_id(1)));
        assert!(difference.key.starts_with("row of "), "{difference:?}");
        let (live, rebuilt) = (difference.live.as_deref(), difference.rebuilt.as_deref());
        for text in [live.unwrap(), rebuilt.unwrap()] {
            assert!(text.contains("version: "), "{text}");
        }
    }
    assert_eq!(store.contents().unwrap(), expected);
    let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
    assert!(rebuild.comparison.unwrap().is_equal());
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rebuild_is_under_way_at_a_time_and_ends_with_the_process() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    let silent = Feed::new();
    let rebuilding = Rebuilding::of(&store, &silent);
    rebuilding.rebuilds.begin(DRY).unwrap();
    let again = rebuilding.rebuilds.begin(DRY);
    assert_eq!(again.unwrap_err(), NotBegun::UnderWay);
    let rebuilds = rebuilding.rebuilds.clone();
    rebuilding.stop().await;
    let last = rebuilds.last().unwrap();
    assert_eq!(last.state, RebuildState::Failed);
    assert_eq!(last.failure.as_deref(), Some("the process was stopped"));
    assert_eq!(names(&folder.path()), ["ordertrace-view", "sled"]);
    assert_eq!(rebuilds.begin(DRY).unwrap_err(), NotBegun::Stopping);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_told_when_the_view_has_other_rows_now_and_not_otherwise() {
    let feed = a_small_feed();
    let folder = with_an_old_row(&feed, 0);
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    let site = Site::of(&store, &feed);
    let mut stream = site.open("/orderTraces/stream").await;
    assert_eq!(stream.next().await.unwrap().name, "position");
    let rebuild = rebuilding.rebuild(DESPITE).await;
    assert_eq!(rebuild.state, RebuildState::Switched, "{rebuild:?}");
    let told = stream.next().await.unwrap();
    assert_eq!(
        (told.name.as_str(), told.at),
        ("reset", feed.head_now().sequence.get())
    );
    assert_eq!(told.data["reason"], "view_replaced");
    let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
    assert!(rebuild.comparison.unwrap().is_equal());
    assert_eq!(site.stop(stream).await, [], "nobody can see a difference");
    rebuilding.stop().await;
}

#[rstest]
#[case::before_the_switch(1, &["position", "reset"])]
#[case::after_it(0, &["position", "trace"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_away_while_the_view_got_other_rows_loads_its_list_anew(
    #[case] missed: u64,
    #[case] expected: &[&str],
) {
    let feed = a_small_feed();
    let folder = with_an_old_row(&feed, 0);
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    let switched_at = feed.head_now().sequence.get();
    let rebuild = rebuilding.rebuild(DESPITE).await;
    assert_eq!(rebuild.state, RebuildState::Switched, "{rebuild:?}");
    // One of equal rows does not make good what its client has not been told.
    rebuilding.rebuild(RebuildRequest::default()).await;
    feed.write_all(7, Tip::NONE, histories::placed(cash()));
    let items = feed.items();
    store.commit(&items[items.len() - 1..]).unwrap();
    let site = Site::of(&store, &feed);
    let last = at(switched_at - missed);
    let stream = site.resume("/orderTraces/stream", &last).await;
    let told = site.stop(stream).await;
    let names: Vec<_> = told.iter().map(|told| told.name.as_str()).collect();
    assert_eq!(names, expected);
    if missed > 0 {
        assert_eq!(told[1].data["reason"], "view_replaced");
        assert_eq!(told[1].at, switched_at + 1);
    }
    rebuilding.stop().await;
}
