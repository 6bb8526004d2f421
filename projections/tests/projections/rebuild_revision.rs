//! A view of another revision: it is served, and rebuilt by itself until it is of the program's.

use std::{fs, time::Duration};

use ordertrace_domain::{Position, testing::ManualClock};
use ordertrace_projections::{OpenOptions, REVISION, RebuildReason, RebuildState, ViewStore};

use crate::{
    feed::order_id,
    folder::Folder,
    rebuild_scene::{Rebuilding, a_small_feed, with_an_old_row},
    rebuilding::DRY,
};

/// When a rebuild that has failed is tried again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(600);

fn open_as(folder: &Folder, head: Position, revision: u32) -> ViewStore {
    let options = OpenOptions {
        revision,
        ..OpenOptions::default()
    };
    ViewStore::open_with(&folder.path(), head, &ManualClock::new(), options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_another_revision_is_served_rebuilt_by_itself_reported_and_replaced() {
    let feed = a_small_feed();
    let folder = with_an_old_row(&feed, 0);
    let store = open_as(&folder, feed.head_now(), REVISION + 1);
    assert_eq!(store.set_aside(), None);
    assert_eq!(store.revision(), REVISION);
    assert!(store.record(order_id(0)).unwrap().is_some(), "it is served");
    let rebuilding = Rebuilding::of(&store, &feed);
    let rebuild = rebuilding.ended().await;
    assert_eq!(rebuild.reason, RebuildReason::NewRevision);
    assert_eq!(rebuild.state, RebuildState::Switched, "{rebuild:?}");
    let comparison = rebuild.comparison.unwrap();
    assert_eq!(comparison.differences_found, 1, "what changes is reported");
    assert_eq!(comparison.live.revision, REVISION);
    assert_eq!(comparison.rebuilt.revision, REVISION + 1);
    assert_eq!(store.revision(), REVISION + 1);
    rebuilding.stop().await;
    drop(store);

    let store = open_as(&folder, feed.head_now(), REVISION + 1);
    assert_eq!(store.revision(), REVISION + 1);
    let rebuilding = Rebuilding::of(&store, &feed);
    // Asked for is the first there is: none was begun by itself.
    let rebuild = rebuilding.rebuild(DRY).await;
    assert_eq!(rebuild.reason, RebuildReason::AskedFor);
    rebuilding.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_for_a_new_revision_that_has_failed_is_tried_again() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    let store = open_as(&folder, feed.head_now(), REVISION + 1);
    fs::write(folder.path().join("sled-1"), "in the way").unwrap();
    let rebuilding = Rebuilding::of(&store, &feed);
    let failed = rebuilding.ended().await;
    assert_eq!(failed.state, RebuildState::Failed, "{failed:?}");
    assert_eq!(store.revision(), REVISION);
    tokio::time::advance(TRY_AGAIN_AFTER).await;
    let again = rebuilding
        .until(|rebuild| rebuild.state == RebuildState::Switched)
        .await;
    assert_eq!(again.reason, RebuildReason::NewRevision);
    assert_eq!(store.revision(), REVISION + 1);
    rebuilding.stop().await;
}

#[tokio::test]
async fn a_view_of_another_revision_is_rebuilt_after_what_was_asked_for_first() {
    let feed = a_small_feed();
    let (folder, store) = Folder::with(&feed);
    drop(store);
    let store = open_as(&folder, feed.head_now(), REVISION + 1);
    let rebuilding = Rebuilding::of(&store, &feed);
    // Nothing has run since on this thread, so this is the first.
    rebuilding.rebuilds.begin(DRY).unwrap();
    rebuilding
        .until(|rebuild| rebuild.state == RebuildState::Switched)
        .await;
    assert_eq!(store.revision(), REVISION + 1);
    rebuilding.stop().await;
}
