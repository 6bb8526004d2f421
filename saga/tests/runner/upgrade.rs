//! A rolling upgrade: a newer process has written what this one can't read yet. Only that order waits, for a newer process.

use std::time::Duration;

use futures::StreamExt;
use ordertrace_domain::{
    EventLog, Freshness, OrderId, Sequence, Shard, WorkItem, WorkQueue,
    testing::fixtures::{card, cash, drafts, events::payment_approved},
};
use rstest::rstest;
use tokio::time::timeout;

use crate::{fuse::Fuse, shop::Shop};

/// More work than the shards of these tests have.
const WORK_MAX: usize = 100;

/// An approval as a newer program writes it: with other bytes of the same length somewhere in it.
async fn newer_approval(shop: &Shop, order: OrderId, ours: &[u8], newer: &[u8]) -> Vec<u8> {
    let history = shop.log.load(order, Freshness::Current).await;
    let history = history.expect("a history");
    let approval = drafts(&history, vec![payment_approved(None)]).remove(0);
    let mut payload = approval.payload.to_vec();
    let at = payload.windows(ours.len()).position(|part| part == ours);
    let at = at.expect("it is in the payload");
    payload[at..at + ours.len()].copy_from_slice(newer);
    payload
}

/// Whether the shard's queue still holds this message.
async fn is_on_queue(shop: &Shop, shard: Shard, sequence: Sequence) -> bool {
    let mut work = shop.log.work(shard);
    for _ in 0..WORK_MAX {
        match timeout(Duration::from_secs(1), work.next()).await {
            Ok(Some(Ok(work))) => match work.item {
                WorkItem::Unreadable(unreadable) if unreadable.sequence == sequence => return true,
                WorkItem::Unreadable(_) | WorkItem::Event(_) | WorkItem::Timer(_) => {}
            },
            Ok(_) | Err(_) => return false,
        }
    }
    panic!("more than {WORK_MAX} pieces of work");
}

#[rstest]
#[case::an_event_not_known_yet(b"PaymentApproved", b"PaymentBlessed!")]
#[case::a_schema_not_known_yet(b"\xa6schema\x01", b"\xa6schema\x09")]
#[tokio::test(start_paused = true)]
async fn what_a_newer_process_wrote_is_left_to_a_newer_process(
    #[case] ours: &[u8],
    #[case] newer: &[u8],
) {
    let (shop, saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    let payload = newer_approval(&shop, order, ours, newer).await;
    let sequence = shop.log.write_foreign(order, &payload);
    shop.settled().await;
    // Its timers find the same message in the order's history.
    shop.later(Duration::from_hours(24)).await;
    let other = shop.place_in_shard_of(order, card(), 1_000).await;
    let story = shop.story(other).await;
    assert_eq!(
        story.last(),
        Some(&"DeliveryStarted"),
        "the others of its shard go on"
    );
    assert_eq!(shop.log.parked(), [], "no operator has to do anything");
    saga.stop().await.expect("it stops");
    assert!(is_on_queue(&shop, Shard::of(order), sequence).await);
}

/// Work must not hold up its shard for ever, though nobody upgrades.
#[tokio::test(start_paused = true)]
async fn what_no_newer_process_came_for_is_parked() {
    let (shop, saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    let payload = newer_approval(&shop, order, b"PaymentApproved", b"PaymentBlessed!").await;
    let sequence = shop.log.write_foreign(order, &payload);
    shop.settled().await;
    saga.stop().await.expect("it stops");
    shop.later(Duration::from_mins(15)).await;
    let saga = shop.saga(Fuse::endless());
    shop.settled().await;
    assert_eq!(shop.log.parked(), [], "there is still time");
    saga.stop().await.expect("it stops");
    shop.later(Duration::from_secs(1)).await;
    let saga = shop.saga(Fuse::endless());
    shop.settled().await;
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(
        (parked[0].sequence, parked[0].order_id),
        (sequence, Some(order))
    );
    saga.stop().await.expect("it stops");
    assert!(!is_on_queue(&shop, Shard::of(order), sequence).await);
}

/// The counterpart: no newer process will ever read it, so it does not stay on the queue.
#[tokio::test(start_paused = true)]
async fn what_no_process_will_ever_read_does_not_stay_on_the_queue() {
    let (shop, saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    let sequence = shop.log.write_foreign(order, b"garbage");
    shop.settled().await;
    assert_eq!(shop.log.parked().len(), 1);
    saga.stop().await.expect("it stops");
    assert!(!is_on_queue(&shop, Shard::of(order), sequence).await);
}
