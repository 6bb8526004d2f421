//! The log fails, or holds what nobody can read: one order may wait, all others go on, and nothing is forgotten.

use std::{sync::Arc, time::Duration};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use ordertrace_domain::{
    FeedError, Sequence, Shard, Work, WorkQueue,
    testing::{
        AppendFault, MemoryLog,
        fixtures::{card, cash, commands::approve_payment},
    },
};
use ordertrace_saga::SagaError;
use rstest::rstest;

use crate::{fuse::Fuse, shop::Shop};

const STARTED: [&str; 6] = [
    "OrderPlaced",
    "PaymentRequested",
    "PaymentSubmitted",
    "PaymentApproved",
    "DeliveryPrepared",
    "DeliveryStarted",
];

/// The log is away for less time than the saga tries before it leaves work to the queue.
const OUTAGE: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn work_goes_on_when_the_log_is_back() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    // The saga has the approval in hand when the log goes away.
    tokio::task::yield_now().await;
    shop.log.unavailable(true);
    shop.pass(OUTAGE).await;
    shop.log.unavailable(false);
    let story = shop.story(order).await;
    assert_eq!(
        story[2..],
        ["PaymentApproved", "DeliveryPrepared", "DeliveryStarted"]
    );
}

#[rstest]
#[case(AppendFault::Conflict)]
#[case(AppendFault::StoredButUnknown)]
#[case(AppendFault::LostAndUnknown)]
#[case(AppendFault::NotStored)]
#[tokio::test(start_paused = true)]
async fn no_fault_of_an_append_does_a_step_twice_or_not_at_all(#[case] fault: AppendFault) {
    for nth in 0..STARTED.len() - 1 {
        let shop = Shop::new();
        let order = shop.place(card(), 1_000).await;
        let saga = shop.saga(Fuse::endless());
        while shop.state(order).await.version().get() < nth as u64 + 1 {
            tokio::task::yield_now().await;
        }
        shop.log.fail_next_append(fault);
        assert_eq!(shop.story(order).await, STARTED, "append {nth}");
        assert_eq!(shop.money(order), (1_000, 0), "append {nth}");
        saga.stop().await.expect("it stops");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_be_read_is_parked_once_and_all_others_go_on() {
    let (shop, _saga) = Shop::open();
    let broken = shop.place(cash(), 1_000).await;
    shop.settled().await;
    let garbage = shop.log.write_foreign(broken, b"garbage");
    let other = shop.place_in_shard_of(broken, card(), 1_000).await;
    assert_eq!(shop.story(other).await, STARTED);
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(parked[0].sequence, garbage);
    assert_eq!(parked[0].order_id, Some(broken));
    assert_eq!(parked[0].consumer, "saga");
}

/// Its timers go on; they find the same message, and it stays parked once.
#[tokio::test(start_paused = true)]
async fn the_timer_of_a_parked_order_parks_nothing_more() {
    let (shop, _saga) = Shop::open();
    let broken = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.log.write_foreign(broken, b"garbage");
    shop.settled().await;
    shop.later(Duration::from_hours(24)).await;
    shop.log.redeliver_all();
    shop.settled().await;
    assert_eq!(shop.log.parked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_parked_when_the_log_is_back() {
    let (shop, _saga) = Shop::open();
    let broken = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.log.write_foreign(broken, b"garbage");
    shop.log.unavailable(true);
    shop.pass(OUTAGE).await;
    shop.log.unavailable(false);
    shop.settled().await;
    assert_eq!(shop.log.parked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_made_anew_ends_the_saga() {
    let (shop, saga) = Shop::open();
    shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.log.recreate();
    let ended = saga.ended().await;
    assert!(
        matches!(ended, Err(SagaError::Feed(FeedError::Recreated))),
        "{ended:?}"
    );
}

/// A queue of which one shard has a hole.
struct Damaged(MemoryLog);

impl WorkQueue for Damaged {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        if shard.number() != 7 {
            return self.0.work(shard);
        }
        let (expected, found) = (Sequence::new(2), Sequence::new(5));
        stream::iter([Err(FeedError::Gap { expected, found })]).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_shard_ends_the_saga_and_nothing_else() {
    let shop = Shop::new();
    let queue = Arc::new(Damaged(shop.log.clone()));
    let saga = shop.saga_on(queue, Fuse::endless());
    let shutdown = saga.shutdown();
    let ended = saga.ended().await;
    let is_told = matches!(ended, Err(SagaError::Feed(FeedError::Gap { .. })));
    assert!(is_told, "{ended:?}");
    assert!(!shutdown.is_cancelled(), "the rest of the process goes on");
}

/// A read that lags behind the event that woke the saga is not good enough to act on.
#[tokio::test(start_paused = true)]
async fn stale_reads_hold_no_order_up() {
    let (shop, _saga) = Shop::open();
    shop.log.stale_reads(true);
    let order = shop.place(card(), 1_000).await;
    assert_eq!(shop.story(order).await, STARTED);
    assert_eq!(shop.money(order), (1_000, 0));
}
