//! The work queue on a real server: a shard gets what is its own, and what is not acknowledged comes again.

use std::time::{Duration, Instant};

use crate::rig::queue::{next_done, next_order};
use crate::rig::{Rig, eventually, next, order_of, place, shard, store};
use async_nats::HeaderMap;
use futures::StreamExt;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    DecodeError, OrderId, Shard, TimerName, Timers, Timestamp, WorkItem, WorkQueue,
};
use ordertrace_nats::subject::{DLQ_STREAM, events_of};
use ordertrace_nats::{JetStreamTimers, JetStreamWork};

/// The server hands out again after this what nobody shows to be in hand.
const ACK_WAIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_shard_gets_its_own_events_in_the_order_of_the_log() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let queue = JetStreamWork::new(&connection, identity);
    let orders: Vec<OrderId> = std::iter::repeat_with(order_id).take(200).collect();
    for order in &orders {
        place(connection.jetstream(), *order).await;
    }
    for shard in [shard(0), shard(7), shard(15)] {
        let mut work = queue.work(shard);
        for order in orders.iter().filter(|order| Shard::of(**order) == shard) {
            assert_eq!(next_done(&mut work).await, *order);
        }
        let last = order_of(shard);
        place(connection.jetstream(), last).await;
        assert_eq!(next_done(&mut work).await, last);
    }
}

#[tokio::test]
async fn work_that_was_not_acknowledged_comes_again_and_what_was_does_not() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let queue = JetStreamWork::new(&connection, identity);
    let shard = shard(3);
    let (done, dropped, last) = (order_of(shard), order_of(shard), order_of(shard));
    for order in [done, dropped] {
        place(connection.jetstream(), order).await;
    }
    let mut work = queue.work(shard);
    assert_eq!(next_done(&mut work).await, done);
    assert_eq!(next_order(&mut work).await.0, dropped);
    drop(work);

    let mut again = queue.work(shard);
    let dropped_at = Instant::now();
    assert_eq!(next_done(&mut again).await, dropped);
    println!("dropped work came again after {:?}", dropped_at.elapsed());
    place(connection.jetstream(), last).await;
    assert_eq!(next_done(&mut again).await, last);
}

#[tokio::test]
async fn work_that_is_in_hand_is_not_handed_out_again() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let queue = JetStreamWork::new(&connection, identity);
    let shard = shard(4);
    let (slow, last) = (order_of(shard), order_of(shard));
    place(connection.jetstream(), slow).await;
    let mut work = queue.work(shard);
    let (order, receipt) = next_order(&mut work).await;
    assert_eq!(order, slow);
    let again = tokio::time::timeout(ACK_WAIT * 2, work.next()).await;
    assert!(again.is_err(), "it came again while it was in hand");
    receipt.acknowledge().await.unwrap();
    place(connection.jetstream(), last).await;
    assert_eq!(next_done(&mut work).await, last);
}

#[tokio::test]
async fn timers_come_with_the_events_of_their_shard() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let shard = shard(11);
    let order = order_of(shard);
    place(connection.jetstream(), order).await;
    let timers = JetStreamTimers::new(&connection);
    let past = Timestamp::from_micros(0);
    timers
        .schedule(order, TimerName::PaymentDeadline, past)
        .await
        .unwrap();
    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let mut seen = (0, 0);
    while seen != (1, 1) {
        let work = next(&mut work).await;
        match work.item {
            WorkItem::Event(_) => seen.0 += 1,
            WorkItem::Timer(fired) => {
                assert_eq!(fired.order_id, order);
                seen.1 += 1;
            }
            WorkItem::Unreadable(unreadable) => panic!("{unreadable:?}"),
        }
        work.receipt.acknowledge().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_event_is_handed_on_and_what_is_no_timer_is_parked() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let context = connection.jetstream();
    let shard = shard(2);
    let order = order_of(shard);
    store(context, &events_of(order), &HeaderMap::new(), b"garbage").await;
    let strange = format!("ordertrace.timers.due.{shard}.{order}.of-a-later-version");
    store(context, &strange, &HeaderMap::new(), b"").await;

    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let unreadable = next(&mut work).await;
    match &unreadable.item {
        WorkItem::Unreadable(unreadable) => {
            assert_eq!(unreadable.order_id, Some(order));
            assert!(matches!(unreadable.error, DecodeError::Malformed(_)));
        }
        other => panic!("{other:?} can be read"),
    }
    unreadable.receipt.acknowledge().await.unwrap();

    let subject = format!("ordertrace.dlq.saga-timers-{shard}.1");
    let pointer = eventually("a parked timer", || async {
        let dlq = context.get_stream(DLQ_STREAM).await.ok()?;
        let parked = dlq.get_last_raw_message_by_subject(&subject).await.ok()?;
        serde_json::from_slice::<serde_json::Value>(&parked.payload).ok()
    });
    let pointer = pointer.await;
    assert!(
        pointer["reason"].as_str().unwrap().contains(&strange),
        "{pointer}"
    );
    // It does not come again, and the queue goes on.
    let last = order_of(shard);
    place(context, last).await;
    assert_eq!(next_done(&mut work).await, last);
}
