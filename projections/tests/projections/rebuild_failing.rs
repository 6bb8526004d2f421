//! A rebuild that can't be brought to its end: it fails, says why, leaves nothing behind, and the view goes on.

use std::fs;

use ordertrace_domain::{
    Sequence,
    testing::fixtures::{self, histories},
};
use ordertrace_projections::{NotBegun, Rebuild, RebuildRequest, RebuildState, ViewStore};
use tokio::time::timeout;

use crate::{
    feed::{Feed, Tip},
    folder::Folder,
    logged::logged_by,
    rebuild_scene::{Rebuilding, a_small_feed, names},
    scene::{PATIENCE, Running, until, until_at},
};

/// A rebuild fails for a reason with these words in it, and the view is what it was.
async fn expect_failure(store: &ViewStore, feed: &Feed, why: &str) {
    let contents = store.contents().unwrap();
    let rebuilding = Rebuilding::of(store, feed);
    let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
    assert_eq!(rebuild.state, RebuildState::Failed, "{rebuild:?}");
    let failure = rebuild.failure.unwrap();
    assert!(failure.contains(why), "{failure}");
    rebuilding.stop().await;
    assert!(store.status().is_ready(), "{:?}", store.status());
    assert_eq!(store.contents().unwrap(), contents);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_that_has_come_into_the_log_fails_the_rebuild_and_not_the_view() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    feed.log.lose(Sequence::new(3));
    expect_failure(&store, &feed, "the log has a gap").await;
    assert_eq!(names(&folder.path()), ["ordertrace-view", "sled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_re_created_fails_the_rebuild() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    feed.log.recreate();
    expect_failure(&store, &feed, "re-created").await;
    assert_eq!(names(&folder.path()), ["ordertrace-view", "sled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_can_not_be_made_fails_the_rebuild() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    fs::write(folder.path().join("sled-1"), "in the way").unwrap();
    expect_failure(&store, &feed, "can't be stored").await;
    // The next one has a folder of its own.
    let rebuilding = Rebuilding::of(&store, &feed);
    let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
    assert_eq!(rebuild.state, RebuildState::Switched);
    rebuilding.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pointer_that_can_not_be_written_fails_the_rebuild() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    fs::create_dir(folder.path().join("current.next")).unwrap();
    expect_failure(&store, &feed, "can't be stored").await;
    assert_eq!(
        names(&folder.path()),
        ["current.next", "ordertrace-view", "sled"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_stops_takes_the_rebuild_along() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    let (silent, other) = (Feed::new(), feed.clone());
    let rebuilding = Rebuilding::of(&store, &silent);
    rebuilding
        .rebuilds
        .begin(RebuildRequest::default())
        .unwrap();
    let running = Running::start(&other, &store);
    other.log.recreate();
    running.ended().await.unwrap_err();
    let rebuild = rebuilding.ended().await;
    assert_eq!(rebuild.state, RebuildState::Failed);
    assert!(rebuild.failure.unwrap().starts_with("the view has stopped"));
    let refused = rebuilding.rebuilds.begin(RebuildRequest::default());
    assert!(matches!(refused, Err(NotBegun::Halted(_))), "{refused:?}");
    rebuilding.stop().await;
    assert_eq!(names(&folder.path()), ["ordertrace-view", "sled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_of_a_view_that_is_behind_waits_for_it() {
    let feed = a_small_feed();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    rebuilding
        .rebuilds
        .begin(RebuildRequest::default())
        .unwrap();
    feed.write_all(7, Tip::NONE, histories::completed(fixtures::cash()));
    // Only now does the view begin to follow the log.
    let running = Running::start(&feed, &store);
    assert_eq!(rebuilding.ended().await.state, RebuildState::Switched);
    until_at(&store, feed.head_now().sequence).await;
    until(&store, |status| status.head_at_start_reached).await;
    let expected = Folder::contents_of(&feed.items(), feed.head_now());
    assert_eq!(store.contents().unwrap(), expected);
    rebuilding.stop().await;
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_view_that_is_not_ready_is_compared_with_nothing() {
    let feed = a_small_feed();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let rebuilding = Rebuilding::of(&store, &feed);
    let begun = rebuilding.rebuilds.begin(RebuildRequest::default());
    assert_eq!(begun.unwrap().events_total, 0);
    let mut watch = rebuilding.rebuilds.watch();
    let has_ended =
        |last: &Option<Rebuild>| last.as_ref().is_some_and(|last| last.state.has_ended());
    // Time stands still while anybody works, so this is no sleep: it passes once all of them wait.
    let waited = timeout(PATIENCE, watch.wait_for(has_ended)).await;
    assert!(waited.is_err(), "it was compared at the start of the log");
    let running = Running::start(&feed, &store);
    let rebuild = rebuilding.ended().await;
    assert_eq!(rebuild.state, RebuildState::Switched, "{rebuild:?}");
    assert_eq!(rebuild.target, feed.head_now());
    assert_eq!(rebuild.events_total, feed.head_now().sequence.get());
    assert_eq!(rebuild.comparison.unwrap().position, feed.head_now());
    rebuilding.stop().await;
    running.stop().await.unwrap();
}

#[test]
fn a_rebuild_does_not_tell_again_what_the_view_has_told() {
    let feed = a_small_feed();
    feed.write(0, b"no envelope");
    feed.write_stray();
    let (_folder, store) = Folder::with(&feed);
    let (rebuild, log) = logged_by(|| {
        // What its threads log is seen, too.
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&dispatch)))
            .build()
            .unwrap();
        runtime.block_on(async {
            let rebuilding = Rebuilding::of(&store, &feed);
            let rebuild = rebuilding.rebuild(RebuildRequest::default()).await;
            rebuilding.stop().await;
            rebuild
        })
    });
    assert_eq!(rebuild.state, RebuildState::Switched);
    assert!(log.contains("a rebuild has ended"), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}
