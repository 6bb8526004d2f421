//! The runner: it follows the log, and stops where the log can't be followed.

use ordertrace_domain::{
    Incarnation, Sequence,
    testing::fixtures::{self, histories},
};
use ordertrace_projections::{Halt, ProjectionError};

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    history::feed_of,
    scene::{Running, until, until_at},
};

fn halt_of(error: ProjectionError) -> Halt {
    match error {
        ProjectionError::Halted(halt) => halt,
        ProjectionError::Interrupted => panic!("interrupted"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_follows_the_log_and_goes_on_after_a_restart() {
    let feed = feed_of(3, 2_500);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    assert!(!store.status().is_ready());
    let running = Running::start(&feed, &store);
    let status = until_at(&store, feed.head_now().sequence).await;
    assert!(status.is_ready());
    running.stop().await.unwrap();
    drop(store);

    feed.write_all(1_000_000, Tip::NONE, histories::completed(fixtures::card()));
    let store = folder.open(feed.head_now());
    assert_eq!(store.set_aside(), None);
    let running = Running::start(&feed, &store);
    until_at(&store, feed.head_now().sequence).await;
    running.stop().await.unwrap();
    let expected = Folder::contents_of(&feed.items(), feed.head_now());
    assert_eq!(store.contents().unwrap(), expected);
}

#[tokio::test]
async fn an_event_is_in_the_view_as_soon_as_it_is_in_the_log() {
    let feed = Feed::new();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    assert!(
        store.status().is_ready(),
        "an empty log is followed at once"
    );
    let running = Running::start(&feed, &store);
    let mut tip = Tip::NONE;
    for event in histories::completed(fixtures::cash()) {
        tip = feed.write_all(0, tip, [event]);
        until_at(&store, feed.head_now().sequence).await;
        let record = store.record(order_id(0)).unwrap().unwrap();
        assert_eq!(record.row().unwrap().order.version, tip.version);
    }
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_log_out_of_reach_is_waited_for() {
    let feed = Feed::of([histories::completed(fixtures::cash())]);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    feed.log.unavailable(true);
    let running = Running::start(&feed, &store);
    feed.log.unavailable(false);
    until(&store, |status| status.head_at_start_reached).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_re_created_log_stops_the_view() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let running = Running::start(&feed, &store);
    until_at(&store, Sequence::new(1)).await;
    feed.log.recreate();
    let error = running.ended().await.unwrap_err();
    assert_eq!(halt_of(error), Halt::Recreated);
    assert_eq!(store.status().halted, Some(Halt::Recreated));
    assert!(!store.status().is_ready());
}

#[tokio::test]
async fn a_view_of_another_log_is_not_carried_on() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let other = feed.under(Incarnation::from_created_nanos(1));
    let error = Running::start(&other, &store).ended().await.unwrap_err();
    assert_eq!(halt_of(error), Halt::Recreated);
    assert_eq!(store.status().position.sequence, Sequence::START);
}

#[tokio::test]
async fn a_gap_in_the_log_stops_the_view_right_before_it() {
    let feed = Feed::of([histories::completed(fixtures::cash())]);
    feed.log.lose(Sequence::new(4));
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let error = Running::start(&feed, &store).ended().await.unwrap_err();
    let gap = Halt::Gap {
        expected: Sequence::new(4),
        found: Sequence::new(5),
    };
    assert_eq!(halt_of(error), gap);
    let status = store.status();
    assert_eq!(status.position.sequence, Sequence::new(3));
    assert_eq!(status.halted, Some(gap));
}

#[test]
fn a_gap_that_the_feed_did_not_notice_is_noticed_by_the_store() {
    let feed = Feed::of([histories::completed(fixtures::cash())]);
    let mut items = feed.items();
    items.remove(2);
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    assert!(store.commit(&items).is_err());
    let status = store.status();
    assert!(
        matches!(status.halted, Some(Halt::Gap { .. })),
        "{status:?}"
    );
    assert_eq!(status.position.sequence, Sequence::START);
}
