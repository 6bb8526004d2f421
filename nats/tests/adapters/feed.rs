//! The feed on a real server: what it gives, and what it refuses to pass over.

use async_nats::HeaderMap;
use async_nats::jetstream::stream;
use futures::StreamExt;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    DecodeError, EventFeed, FeedError, FeedItem, Incarnation, OrderId, PAYLOAD_BYTES_MAX, Sequence,
    UnreadableEvent,
};
use ordertrace_nats::JetStreamFeed;
use ordertrace_nats::managed::SyncPolicy;
use ordertrace_nats::subject::{EVENTS_STREAM, events_of};

use crate::rig::items::{Items, assert_gives, place_many};
use crate::rig::{Rig, headers, next, next_result, place, placed, store};

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

/// What is stored under an order's subject by somebody else, and whose it seems to be.
struct Foreign {
    subject: String,
    headers: HeaderMap,
    payload: Vec<u8>,
    owner: Option<OrderId>,
}

/// A message a case that is no event of its subject; the first is no event at all.
fn foreign(order: OrderId) -> Vec<Foreign> {
    let other = order_id();
    let draft = placed(order);
    let good = headers(&draft);
    let with = |name: &str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, value);
        headers
    };
    let own = events_of(order);
    let table = [
        (own.clone(), HeaderMap::new(), Some(order)),
        (own.clone(), HeaderMap::new(), Some(order)),
        (events_of(other), with("Nats-Msg-Id", "a"), Some(other)),
        (
            own.clone(),
            with("Ordertrace-Type", "OrderCompleted"),
            Some(order),
        ),
        (own.clone(), with("Ordertrace-Schema", "2"), Some(order)),
        (own, with("Nats-Msg-Id", "somebody-elses"), Some(order)),
        (
            "ordertrace.events.nowhere".to_owned(),
            with("Nats-Msg-Id", "b"),
            None,
        ),
    ];
    let rows = table.into_iter().enumerate();
    let foreign = rows.map(|(row, (subject, mut headers, owner))| {
        // The server drops a second message of one id, whatever its subject.
        if let 3 | 4 = row {
            headers.insert("Nats-Msg-Id", format!("another-{row}"));
        }
        let payload = if row == 0 {
            b"garbage".to_vec()
        } else {
            draft.payload.clone()
        };
        Foreign {
            subject,
            headers,
            payload,
            owner,
        }
    });
    foreign.collect()
}

#[tokio::test]
async fn what_is_no_event_of_its_subject_is_handed_on_as_unreadable() {
    let rig = Rig::bare().await;
    let (connection, identity) = rig.ready().await;
    let foreign = foreign(order_id());
    for message in &foreign {
        let Foreign {
            subject,
            headers,
            payload,
            ..
        } = message;
        store(connection.jetstream(), subject, headers, payload).await;
    }
    let after = order_id();
    place(connection.jetstream(), after).await;

    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    for (sequence, message) in (1..).zip(&foreign) {
        let unreadable = next_unreadable(&mut items).await;
        assert_eq!(unreadable.sequence, Sequence::new(sequence));
        assert_eq!(unreadable.order_id, message.owner, "{unreadable:?}");
        let is_as_expected = match unreadable.error {
            DecodeError::Malformed(_) => sequence == 1,
            DecodeError::Mismatch(_) => sequence > 1,
            _ => false,
        };
        assert!(is_as_expected, "{unreadable:?}");
    }
    assert_gives(&mut items, 8, &[after]).await;
}

#[tokio::test]
async fn a_log_of_the_largest_messages_is_read_whole_though_a_request_takes_in_few_of_them() {
    // More than two requests bring.
    const MESSAGES: u64 = 600;
    let rig = Rig::with_sync(SyncPolicy::ServerDefault).await;
    let (connection, identity) = rig.ready().await;
    let payload = vec![0; PAYLOAD_BYTES_MAX];
    let subject = events_of(order_id());
    let none = HeaderMap::new();
    for _ in 0..MESSAGES {
        store(connection.jetstream(), &subject, &none, &payload).await;
    }
    let mut items = JetStreamFeed::new(&connection, identity).follow(Sequence::START);
    for sequence in 1..=MESSAGES {
        let unreadable = next_unreadable(&mut items).await;
        assert_eq!(unreadable.sequence, Sequence::new(sequence));
    }
    let after = order_id();
    place(connection.jetstream(), after).await;
    assert_gives(&mut items, MESSAGES + 1, &[after]).await;
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
    let incarnation = Incarnation::from_created_nanos(nanos.try_into().unwrap());
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
