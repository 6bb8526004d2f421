//! What the log in memory does beyond the contract: a clock that is moved by hand, and faults on demand.

#![expect(
    clippy::expect_used,
    reason = "what a test builds on has to be there, or the test fails"
)]

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use ordertrace_domain::{
    Clock, EventFeed, EventLog, FeedError, FeedItem, Freshness, History, LogError, OrderId,
    Sequence, Shard, TimerName, Timers, Timestamp, Version, WorkItem, WorkQueue,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, cash, drafts, events},
    },
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A log, its clock, and an order with three events.
async fn log() -> (MemoryLog, Arc<ManualClock>, History) {
    let clock = Arc::new(ManualClock::new());
    let log = MemoryLog::with_clock(Arc::<ManualClock>::clone(&clock));
    let base = History::empty(fixtures::order_id());
    let happened = vec![
        events::order_placed(cash()),
        events::payment_requested(cash()),
        events::payment_approved(None),
    ];
    let order = log.append(&base, drafts(&base, happened)).await;
    (log, clock, order.expect("an append"))
}

/// The versions and timers that are handed out at this moment, each acknowledged.
async fn handed_out(log: &MemoryLog, order: OrderId) -> Vec<String> {
    let mut work = log.work(Shard::of(order));
    let mut names = Vec::new();
    while let Some(Some(Ok(work))) = work.next().now_or_never() {
        names.push(match &work.item {
            WorkItem::Event(event) => event.event.envelope.version.to_string(),
            WorkItem::Timer(fired) => fired.timer.name().to_owned(),
            WorkItem::Unreadable(_) => "unreadable".to_owned(),
        });
        assert!(work.receipt.acknowledge().await.is_ok());
    }
    names
}

#[tokio::test]
async fn events_are_recorded_at_the_time_the_clock_shows() {
    let (log, clock, order) = log().await;
    clock.advance(HOUR);
    let later = drafts(&order, vec![events::delivery_prepared(1)]);
    log.append(&order, later).await.unwrap();
    let recorded: Vec<Timestamp> = log
        .follow(Sequence::new(2))
        .take(2)
        .map(|item| match item.unwrap() {
            FeedItem::Event(event) => event.recorded_at,
            FeedItem::Unreadable(unreadable) => unreadable.recorded_at,
        })
        .collect()
        .await;
    assert_eq!(recorded, [ManualClock::START, clock.now()]);
}

#[tokio::test]
async fn a_timer_goes_off_when_the_clock_is_moved_there() {
    let (log, clock, order) = log().await;
    let order = order.order_id();
    let timer = TimerName::PaymentDeadline;
    let at = clock.now().after(HOUR);
    log.schedule(order, timer, at, Version::NONE).await.unwrap();
    assert_eq!(log.timers_of(order), [(timer, at)]);
    clock.advance(HOUR - Duration::from_micros(1));
    tokio::task::yield_now().await;
    assert_eq!(handed_out(&log, order).await, ["1", "2", "3"]);
    clock.advance(Duration::from_micros(1));
    let next = log.work(Shard::of(order)).next().await;
    assert!(matches!(next.unwrap().unwrap().item, WorkItem::Timer(fired)
        if fired.timer == timer && fired.recorded_at == at));
    assert_eq!(log.timers_of(order), []);
}

#[tokio::test]
async fn everything_is_handed_out_again_on_demand() {
    let (log, _, order) = log().await;
    let order = order.order_id();
    assert_eq!(handed_out(&log, order).await, ["1", "2", "3"]);
    assert!(handed_out(&log, order).await.is_empty());
    log.redeliver_all();
    assert_eq!(handed_out(&log, order).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn an_open_stream_starts_over_when_everything_is_handed_out_again() {
    let (log, _, order) = log().await;
    let mut work = log.work(Shard::of(order.order_id()));
    for _ in 0..2 {
        for version in 1..=3 {
            let next = work.next().await.unwrap().unwrap();
            let WorkItem::Event(event) = &next.item else {
                panic!("no timer was set");
            };
            assert_eq!(event.event.envelope.version, Version::new(version));
            next.receipt.acknowledge().await.unwrap();
        }
        assert!(work.next().now_or_never().is_none());
        log.redeliver_all();
    }
}

#[tokio::test]
async fn a_lost_message_is_a_gap_to_the_feed_and_breaks_its_order() {
    let (log, _, order) = log().await;
    log.lose(Sequence::new(2));
    let mut feed = log.follow(Sequence::START);
    assert!(feed.next().await.unwrap().is_ok());
    let gap = feed.next().await.unwrap().unwrap_err();
    assert!(matches!(gap, FeedError::Gap { expected, found }
        if (expected, found) == (Sequence::new(2), Sequence::new(3))));
    assert!(feed.next().await.is_none(), "after an error a feed ends");
    let read = log.load(order.order_id(), Freshness::Current).await;
    assert!(matches!(read, Err(LogError::Broken(_))));
}

#[tokio::test]
async fn a_foreign_message_is_fed_and_handed_out_as_unreadable() {
    let (log, _, order) = log().await;
    let sequence = log.write_foreign(order.order_id(), b"not an event of ours");
    let item = log.follow(order.last_sequence()).next().await;
    assert!(matches!(item, Some(Ok(FeedItem::Unreadable(message)))
        if message.sequence == sequence && message.order_id == Some(order.order_id())));
    let names = handed_out(&log, order.order_id()).await;
    assert_eq!(names, ["1", "2", "3", "unreadable"]);
}

#[tokio::test]
async fn feeds_and_queues_outlive_a_log_out_of_reach() {
    let (log, _, order) = log().await;
    let mut feed = log.follow(Sequence::START);
    log.unavailable(true);
    assert!(feed.next().now_or_never().is_none());
    assert!(handed_out(&log, order.order_id()).await.is_empty());
    assert!(matches!(log.head().await, Err(LogError::Unavailable(_))));
    log.unavailable(false);
    assert!(feed.next().await.unwrap().is_ok());
    assert_eq!(handed_out(&log, order.order_id()).await.len(), 3);
}

#[tokio::test]
async fn feeds_and_queues_end_when_the_log_is_created_anew() {
    let (log, _, order) = log().await;
    log.recreate();
    let mut feed = log.follow(Sequence::START);
    assert!(matches!(feed.next().await, Some(Err(FeedError::Recreated))));
    assert!(feed.next().await.is_none());
    let mut work = log.work(Shard::of(order.order_id()));
    assert!(matches!(work.next().await, Some(Err(FeedError::Recreated))));
    assert!(work.next().await.is_none());
    assert_ne!(
        EventLog::incarnation(&MemoryLog::new()),
        EventLog::incarnation(&log)
    );
}
