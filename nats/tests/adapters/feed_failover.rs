//! The feed when something dies: the server, a consumer, the stream.

use std::time::Instant;

use futures::StreamExt;
use ordertrace_domain::{EventFeed, FeedError, LogError, Sequence};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{JetStreamFeed, TopologyOptions};

use crate::rig::items::{assert_gives, place_many};
use crate::rig::{PATIENCE, Rig, connect, eventually, next_result, provision};

#[tokio::test]
async fn a_feed_goes_on_after_the_server_was_killed_without_loss_or_repeat() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let mut orders = place_many(&connection, 20).await;
    assert_gives(&mut items, 1, &orders[..10]).await;
    for round in 1..=3 {
        let killed = Instant::now();
        rig.kill_and_wait().await;
        let restarted = killed.elapsed();
        let before = orders.len();
        orders.extend(place_many(&rig.connect().await, 10).await);
        let unread = if round == 1 { 10 } else { before };
        assert_gives(&mut items, unread as u64 + 1, &orders[unread..]).await;
        let resumed = killed.elapsed();
        println!("kill -9: the server is back after {restarted:?}, all is read after {resumed:?}");
    }
}

#[tokio::test]
async fn a_feed_outlives_its_consumer() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let mut orders = place_many(&connection, 3).await;
    assert_gives(&mut items, 1, &orders).await;
    let stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    let names: Vec<String> = stream
        .consumer_names()
        .map(|name| name.unwrap())
        .collect()
        .await;
    let own = names.iter().find(|name| name.starts_with("feed-")).unwrap();
    stream.delete_consumer(own).await.unwrap();
    orders.extend(place_many(&connection, 3).await);
    assert_gives(&mut items, 4, &orders[3..]).await;
}

#[tokio::test]
async fn a_stream_that_was_created_anew_ends_every_reader() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let feed = JetStreamFeed::new(&connection, identity.clone());
    let mut items = feed.follow(Sequence::START);
    let orders = place_many(&connection, 2).await;
    assert_gives(&mut items, 1, &orders).await;

    let other = rig.connect().await;
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        other.jetstream().delete_stream(stream).await.unwrap();
    }
    let anew = provision(&other, TopologyOptions::SINGLE).await;
    place_many(&other, 5).await;
    assert_ne!(anew.incarnation(), identity.incarnation());

    let ended = next_result(&mut items).await;
    assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
    assert!(identity.is_recreated());
    assert!(matches!(feed.head().await, Err(LogError::Recreated)));
    let mut late = feed.follow(Sequence::START);
    let ended = next_result(&mut late).await;
    assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
}

#[tokio::test]
async fn a_stream_that_was_created_anew_is_noticed_after_a_reconnect_by_who_reads_nothing() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let other = rig.connect().await;
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        other.jetstream().delete_stream(stream).await.unwrap();
    }
    provision(&other, TopologyOptions::SINGLE).await;
    rig.kill_and_wait().await;
    eventually("the notice", || async {
        identity.is_recreated().then_some(())
    })
    .await;
    assert!(connection.is_connected());
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_not_followed_as_if_nothing_had_happened() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    place_many(&connection, 3).await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::new(4));
    let ended = next_result(&mut items).await;
    assert!(matches!(ended, Err(FeedError::Recreated)), "{ended:?}");
}

#[tokio::test]
async fn a_feed_ends_when_its_connection_is_closed_on_purpose() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let orders = place_many(&connection, 1).await;
    assert_gives(&mut items, 1, &orders).await;
    connection.drain().await;
    let end = tokio::time::timeout(PATIENCE, items.next()).await.unwrap();
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn a_feed_of_a_cluster_goes_on_after_the_leader_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let connection = connect(&cluster.urls()).await;
    let identity = provision(&connection, TopologyOptions::REPLICATED).await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let mut orders = place_many(&connection, 10).await;
    assert_gives(&mut items, 1, &orders).await;

    let mut stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    let leader = stream.info().await.unwrap().cluster.clone();
    let leader = leader.unwrap().leader.unwrap();
    let index = cluster
        .nodes()
        .iter()
        .position(|node| node.name() == leader)
        .unwrap();
    cluster.node_mut(index).kill().await;
    let killed = Instant::now();
    orders.extend(place_many(&connection, 10).await);
    let stored = killed.elapsed();
    assert_gives(&mut items, 11, &orders[10..]).await;
    println!(
        "the leader killed: all stored after {stored:?}, all read after {:?}",
        killed.elapsed()
    );
    cluster.stop().await;
}
