//! The feed on real servers: every message once and in order, whatever happens to the server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rig;

use std::time::Instant;

use async_nats::HeaderMap;
use async_nats::jetstream::stream;
use futures::StreamExt;
use futures::stream::BoxStream;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    DecodeError, EventFeed, FeedError, FeedItem, LogError, OrderId, Sequence, UnreadableEvent,
};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{EVENTS_STREAM, events_of};
use ordertrace_nats::{Connection, JetStreamFeed, TopologyOptions};
use rig::{
    PATIENCE, Rig, connect, eventually, headers, next, next_result, place, placed, provision, store,
};

type Items = BoxStream<'static, Result<FeedItem, FeedError>>;

fn order_of(item: &FeedItem) -> OrderId {
    match item {
        FeedItem::Event(recorded) => recorded.event.envelope.order_id,
        FeedItem::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

/// Stores the first events of this many orders.
async fn place_many(connection: &Connection, count: usize) -> Vec<OrderId> {
    let orders: Vec<OrderId> = std::iter::repeat_with(order_id).take(count).collect();
    for order in &orders {
        place(connection.jetstream(), *order).await;
    }
    orders
}

/// The feed must now give exactly these orders, from this sequence on.
async fn assert_gives(items: &mut Items, first: u64, orders: &[OrderId]) {
    for (sequence, order) in (first..).zip(orders) {
        let item = next(items).await;
        assert_eq!(item.sequence(), Sequence::new(sequence));
        assert_eq!(order_of(&item), *order);
    }
}

async fn next_unreadable(items: &mut Items) -> UnreadableEvent {
    match next(items).await {
        FeedItem::Unreadable(unreadable) => unreadable,
        FeedItem::Event(event) => panic!("{event:?} can be read"),
    }
}

#[tokio::test]
async fn a_feed_gives_what_was_there_and_what_comes_from_any_place_on() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let feed = JetStreamFeed::new(&connection, identity);
    assert_eq!(feed.head().await.unwrap(), Sequence::START);
    let mut all = feed.follow(Sequence::START);
    let mut orders = place_many(&connection, 30).await;
    assert_eq!(feed.head().await.unwrap(), Sequence::new(30));
    let mut rest = feed.follow(Sequence::new(20));
    let mut new = feed.follow(Sequence::new(30));
    orders.extend(place_many(&connection, 5).await);
    assert_gives(&mut all, 1, &orders).await;
    assert_gives(&mut rest, 21, &orders[20..]).await;
    assert_gives(&mut new, 31, &orders[30..]).await;
}

#[tokio::test]
async fn an_event_carries_the_time_at_which_the_log_recorded_it() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let sequence = place(connection.jetstream(), order_id()).await;
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let FeedItem::Event(recorded) = next(&mut items).await else {
        panic!("an event can be read")
    };
    let stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    let stored = stream.get_raw_message(sequence.get()).await.unwrap();
    let nanos = stored.time.unix_timestamp_nanos();
    assert_eq!(i128::from(recorded.recorded_at.micros()), nanos / 1_000);
}

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
async fn what_is_no_event_of_its_subject_is_handed_on_as_unreadable() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let context = connection.jetstream();
    let (order, other) = (order_id(), order_id());
    let draft = placed(order);
    let good = headers(&draft);
    let with = |name: &str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, value);
        headers
    };
    let none = HeaderMap::new();
    let payload = draft.payload.as_slice();
    let stored: [(String, HeaderMap, &[u8]); 7] = [
        (events_of(order), none.clone(), b"garbage"),
        (events_of(order), none, payload),
        (events_of(other), good.clone(), payload),
        (
            events_of(order),
            with("Ordertrace-Type", "OrderCompleted"),
            payload,
        ),
        (events_of(order), with("Ordertrace-Schema", "2"), payload),
        (
            events_of(order),
            with("Nats-Msg-Id", "somebody-elses"),
            payload,
        ),
        ("ordertrace.events.nowhere".to_owned(), good.clone(), payload),
    ];
    for (index, (subject, headers, payload)) in stored.iter().enumerate() {
        let mut headers = headers.clone();
        if index > 1 && index != 5 {
            // The server drops a second message of one id, whatever its subject.
            headers.insert("Nats-Msg-Id", format!("another-{index}"));
        }
        store(context, subject, &headers, payload).await;
    }
    let after = order_id();
    place(context, after).await;

    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    let garbage = next_unreadable(&mut items).await;
    assert!(matches!(garbage.error, DecodeError::Malformed(_)), "{garbage:?}");
    assert_eq!(garbage.order_id, Some(order));
    let owners = [
        Some(order),
        Some(other),
        Some(order),
        Some(order),
        Some(order),
        None,
    ];
    for (sequence, owner) in (2..).zip(owners) {
        let unreadable = next_unreadable(&mut items).await;
        assert_eq!(unreadable.sequence, Sequence::new(sequence));
        assert_eq!(unreadable.order_id, owner, "{unreadable:?}");
        assert!(
            matches!(unreadable.error, DecodeError::Mismatch(_)),
            "{unreadable:?}"
        );
    }
    assert_gives(&mut items, 8, &[after]).await;
}

#[tokio::test]
async fn a_hole_in_the_log_ends_the_feed() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    // A stream that lets messages be deleted, as no declared one does.
    let config = stream::Config {
        name: EVENTS_STREAM.to_owned(),
        subjects: vec!["ordertrace.events.>".to_owned()],
        ..Default::default()
    };
    let stream = connection.jetstream().create_stream(config).await.unwrap();
    let nanos = stream.cached_info().created.unix_timestamp_nanos();
    let incarnation =
        ordertrace_domain::Incarnation::from_created_nanos(nanos.try_into().unwrap());
    let identity = connection.watch(incarnation);
    let orders = place_many(&connection, 5).await;
    stream.delete_message(3).await.unwrap();

    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    assert_gives(&mut items, 1, &orders[..2]).await;
    let ended = next_result(&mut items).await;
    assert!(
        matches!(ended, Err(FeedError::Gap { expected, found }) if expected.get() == 3 && found.get() == 4),
        "{ended:?}"
    );
    assert!(items.next().await.is_none());
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
    other.jetstream().delete_stream(EVENTS_STREAM).await.unwrap();
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
    other.jetstream().delete_stream(EVENTS_STREAM).await.unwrap();
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
