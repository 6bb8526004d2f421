//! The work queue when something dies: a process that works, the server, a consumer, the stream.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::rig::queue::{next_done, next_order};
use crate::rig::{Rig, connect, kill_9, next_result, order_of, place, provision, shard};
use futures::StreamExt;
use ordertrace_domain::{FeedError, WorkQueue};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{JetStreamWork, TopologyOptions};

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
    // A killed server may forget even acknowledgements that it has confirmed, so what was done may come again.
    let mut order = next_done(&mut work).await;
    while [before, held].contains(&order) {
        order = next_done(&mut work).await;
    }
    assert_eq!(order, after);
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
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        other.jetstream().delete_stream(stream).await.unwrap();
    }
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
        .args([
            "work_failover::worker_process",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
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
    place(context, after).await;
    let stored = killed.elapsed();
    assert_eq!(next_done(&mut work).await, after);
    println!(
        "the leader killed: stored after {stored:?}, worked on after {:?}",
        killed.elapsed()
    );
    cluster.stop().await;
}
