//! The work queue on real servers: what is not acknowledged comes again, and one process at a time works on a shard.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rig;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use futures::StreamExt;
use futures::stream::BoxStream;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    DecodeError, FeedError, OrderId, Receipt, Sequence, Shard, TimerName, Timers, Timestamp, Work,
    WorkItem, WorkQueue,
};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{DLQ_STREAM, EVENTS_STREAM, events_of};
use ordertrace_nats::{JetStreamTimers, JetStreamWork, TopologyOptions};
use rig::{
    PATIENCE, Rig, connect, eventually, kill_9, next, next_result, order_of, place, provision,
    shard, store,
};

type Queue = BoxStream<'static, Result<Work, FeedError>>;

/// The server hands out again after this what nobody shows to be in hand.
const ACK_WAIT: Duration = Duration::from_secs(5);

fn order_in(item: &WorkItem) -> OrderId {
    match item {
        WorkItem::Event(recorded) => recorded.event.envelope.order_id,
        other => panic!("{other:?} is no event"),
    }
}

async fn next_order(queue: &mut Queue) -> (OrderId, Box<dyn Receipt>) {
    let work = next(queue).await;
    (order_in(&work.item), work.receipt)
}

async fn next_done(queue: &mut Queue) -> OrderId {
    let (order, receipt) = next_order(queue).await;
    receipt.acknowledge().await.unwrap();
    order
}

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
async fn a_second_process_stands_by_until_the_first_lets_go() {
    let rig = Rig::bare().await;
    let (first, identity) = rig.ready().await;
    let shard = shard(9);
    let context = first.jetstream();
    let mut active = JetStreamWork::new(&first, identity).work(shard);
    let begun = order_of(shard);
    place(context, begun).await;
    assert_eq!(next_done(&mut active).await, begun);

    let (second, identity) = rig.ready().await;
    let mut standby = JetStreamWork::new(&second, identity).work(shard);
    for _ in 0..20 {
        let order = order_of(shard);
        place(context, order).await;
        tokio::select! {
            order_of_active = next_done(&mut active) => assert_eq!(order_of_active, order),
            _ = standby.next() => panic!("the one that stands by got work"),
        }
    }
    drop(active);
    let left = order_of(shard);
    place(context, left).await;
    assert_eq!(next_done(&mut standby).await, left);
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

#[tokio::test]
async fn work_goes_on_after_the_server_was_killed() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let shard = shard(6);
    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let (before, held) = (order_of(shard), order_of(shard));
    for order in [before, held] {
        place(connection.jetstream(), order).await;
    }
    assert_eq!(next_done(&mut work).await, before);
    let (order, receipt) = next_order(&mut work).await;
    assert_eq!(order, held);
    let killed = Instant::now();
    rig.kill_and_wait().await;
    receipt.acknowledge().await.unwrap();
    println!("acknowledged {:?} after the kill", killed.elapsed());
    let after = order_of(shard);
    place(rig.connect().await.jetstream(), after).await;
    assert_eq!(next_done(&mut work).await, after);
    println!("new work {:?} after the kill", killed.elapsed());
}

#[tokio::test]
async fn a_queue_outlives_its_consumer_and_the_work_that_is_left_comes_again() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let shard = shard(1);
    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let order = order_of(shard);
    place(connection.jetstream(), order).await;
    assert_eq!(next_done(&mut work).await, order);
    let stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    stream.delete_consumer("saga-01").await.unwrap();
    provision(&connection, TopologyOptions::SINGLE).await;
    // A consumer that is made anew knows of no acknowledgement.
    assert_eq!(next_done(&mut work).await, order);
}

#[tokio::test]
async fn a_stream_that_was_created_anew_ends_the_work() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let shard = shard(8);
    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let order = order_of(shard);
    place(connection.jetstream(), order).await;
    assert_eq!(next_done(&mut work).await, order);
    let other = rig.connect().await;
    other
        .jetstream()
        .delete_stream(EVENTS_STREAM)
        .await
        .unwrap();
    provision(&other, TopologyOptions::SINGLE).await;
    place(other.jetstream(), order_of(shard)).await;
    let ended = next_result(&mut work).await.map(|work| work.item);
    assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
    assert!(work.next().await.is_none());
}

/// Tells the process that works which server to work on.
const WORKER_URL: &str = "ORDERTRACE_TEST_WORKER_URL";
const WORKER_SHARD: u8 = 10;

/// Not a test by itself: the process that [`another_process_takes_over_within_a_second_of_a_kill`] kills.
#[tokio::test]
#[ignore = "started by another test, as a process to kill"]
async fn worker_process() {
    let Ok(url) = std::env::var(WORKER_URL) else {
        return;
    };
    let connection = connect(&[url]).await;
    let identity = provision(&connection, TopologyOptions::SINGLE).await;
    let mut work = JetStreamWork::new(&connection, identity).work(shard(WORKER_SHARD));
    loop {
        println!("\ndone {}", next_done(&mut work).await);
    }
}

fn start_worker(url: &str) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["worker_process", "--exact", "--ignored", "--nocapture"])
        .env(WORKER_URL, url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let done = stdout.lines().map_while(Result::ok);
    let done = done.filter_map(|line| line.strip_prefix("done ").map(str::to_owned));
    (child, done)
}

#[tokio::test]
async fn another_process_takes_over_within_a_second_of_a_kill() {
    /// The server lets go of a silent client after 900 ms; the rest is for a busy machine.
    const TAKEN_OVER_MAX: Duration = Duration::from_millis(2_500);
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let shard = shard(WORKER_SHARD);
    let context = connection.jetstream();
    let (mut worker, mut done) = start_worker(rig.server.client_url());
    let first = order_of(shard);
    place(context, first).await;
    assert_eq!(done.next(), Some(first.to_string()));

    let mut standby = JetStreamWork::new(&connection, identity).work(shard);
    let second = order_of(shard);
    place(context, second).await;
    tokio::select! {
        biased;
        _ = standby.next() => panic!("the one that stands by got work"),
        line = tokio::task::spawn_blocking(move || done.next()) => {
            assert_eq!(line.unwrap(), Some(second.to_string()));
        }
    }
    kill_9(worker.id());
    let killed = Instant::now();
    worker.wait().unwrap();
    let left = order_of(shard);
    place(context, left).await;
    assert_eq!(next_done(&mut standby).await, left);
    let taken_over = killed.elapsed();
    println!("work was taken over {taken_over:?} after the kill");
    assert!(taken_over < TAKEN_OVER_MAX, "only after {taken_over:?}");
}

#[tokio::test]
async fn work_of_a_cluster_goes_on_after_the_leader_of_a_consumer_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let connection = connect(&cluster.urls()).await;
    let identity = provision(&connection, TopologyOptions::REPLICATED).await;
    let shard = shard(12);
    let context = connection.jetstream();
    let mut work = JetStreamWork::new(&connection, identity).work(shard);
    let before = order_of(shard);
    place(context, before).await;
    assert_eq!(next_done(&mut work).await, before);

    let consumer: async_nats::jetstream::consumer::PullConsumer = context
        .get_consumer_from_stream("saga-12", EVENTS_STREAM)
        .await
        .unwrap();
    let leader = consumer.cached_info().cluster.clone().unwrap().leader;
    let index = cluster
        .nodes()
        .iter()
        .position(|node| Some(node.name()) == leader.as_deref());
    cluster.node_mut(index.unwrap()).kill().await;
    let killed = Instant::now();
    let after = order_of(shard);
    let sequence = place(context, after).await;
    assert!(sequence > Sequence::new(1));
    let stored = killed.elapsed();
    assert_eq!(next_done(&mut work).await, after);
    println!(
        "the leader killed: stored after {stored:?}, worked on after {:?}",
        killed.elapsed()
    );
    assert!(killed.elapsed() < PATIENCE);
    cluster.stop().await;
}
