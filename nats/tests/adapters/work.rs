//! The work queue on a real server: a shard gets what is its own, and what is not acknowledged comes again.

use std::time::{Duration, Instant};

use crate::rig::queue::{next_done, next_order};
use crate::rig::{Rig, eventually, next, order_of, place, provision, shard, store};
use async_nats::HeaderMap;
use futures::StreamExt;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    DeadLetter, DeadLetters, DecodeError, OrderId, Sequence, Shard, TimerName, Timers, Timestamp,
    Version, WorkItem, WorkQueue,
};
use ordertrace_nats::subject::{DLQ_STREAM, events_of};
use ordertrace_nats::{JetStreamParking, JetStreamTimers, JetStreamWork, TopologyOptions};

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
        .schedule(order, TimerName::PaymentDeadline, past, Version::NONE)
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

    let parking = JetStreamParking::new(&connection);
    let letter = eventually("a parked timer", || async { listed(&parking).await.pop() });
    let letter = letter.await.parked;
    assert_eq!(letter.consumer, format!("saga-timers-{shard}"));
    assert!(letter.is_timer(), "{letter:?}");
    assert!(letter.reason.contains(&strange), "{letter:?}");
    // It does not come again, and the queue goes on.
    let last = order_of(shard);
    place(context, last).await;
    assert_eq!(next_done(&mut work).await, last);
}

async fn listed(parking: &JetStreamParking) -> Vec<DeadLetter> {
    let page = parking.list(Sequence::START, 100).await.unwrap();
    page.letters
}

#[tokio::test]
async fn timers_that_can_not_be_parked_hold_up_no_others_and_are_parked_when_they_can_be() {
    // More than are parked at once. Were each waited for, the last would be given up long after the test's patience.
    const STRANGE: usize = 20;
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let context = connection.jetstream();
    let shard = shard(6);
    let order = order_of(shard);
    context.delete_stream(DLQ_STREAM).await.unwrap();
    for number in 0..STRANGE {
        let strange = format!("ordertrace.timers.due.{shard}.{order}.strange-{number}");
        store(context, &strange, &HeaderMap::new(), b"").await;
    }
    let timers = JetStreamTimers::new(&connection);
    let past = Timestamp::from_micros(0);
    let set = timers.schedule(order, TimerName::PaymentDeadline, past, Version::NONE);
    set.await.unwrap();

    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let work_done = next(&mut work).await;
    match &work_done.item {
        WorkItem::Timer(fired) => assert_eq!(fired.order_id, order),
        other => panic!("{other:?} is no timer"),
    }
    work_done.receipt.acknowledge().await.unwrap();

    provision(&connection, TopologyOptions::SINGLE).await;
    let parking = JetStreamParking::new(&connection);
    eventually("all strange timers among the parked", || async {
        (listed(&parking).await.len() == STRANGE).then_some(())
    })
    .await;
    // Those that had to come again did not lose the shard its place on the queue.
    place(context, order).await;
    assert_eq!(next_done(&mut work).await, order);
}
