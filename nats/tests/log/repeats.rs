//! Events that are in the log twice, byte for byte: they say nothing new, and hide nothing.

use std::time::Duration;

use ordertrace_domain::testing::fixtures::drafts;
use ordertrace_domain::{AppendError, EventLog, Freshness, Hash, StoredEvent, Version};
use ordertrace_nats::Connection;
use ordertrace_nats::subject::EVENTS_STREAM;

use crate::support::{
    EITHER, appended, bounded, headers_of, load, longest, node, placed, publish, some_event, until,
};

/// The shortest that the server allows.
const DUPLICATE_WINDOW_MIN: Duration = Duration::from_millis(100);

/// Stores an event once more, byte for byte, as soon as the server has forgotten its id.
async fn store_again(connection: &Connection, event: &StoredEvent) {
    forget_ids_soon(connection).await;
    let envelope = &event.envelope;
    let payload = envelope.encode();
    assert_eq!(Hash::of(&payload), event.hash);
    until(async || {
        let (headers, payload) = (headers_of(envelope), payload.clone());
        let answer = publish(connection, envelope.order_id, headers, payload).await;
        !answer.duplicate
    })
    .await;
}

/// Lets the server notice a repeat for a moment only, in the place of two minutes.
async fn forget_ids_soon(connection: &Connection) {
    let jetstream = connection.jetstream();
    let stream = jetstream.get_stream(EVENTS_STREAM).await.unwrap();
    let mut config = stream.get_info().await.unwrap().config;
    config.duplicate_window = DUPLICATE_WINDOW_MIN;
    jetstream.update_stream(config).await.unwrap();
}

#[tokio::test]
async fn a_repeat_counts_for_nothing_in_an_order_that_is_full() {
    let node = node().await;
    let history = longest(&node.log().await).await;
    store_again(&node.connection().await, &history.events()[0]).await;
    for freshness in EITHER {
        let read = load(&node.log().await, history.order_id(), freshness).await;
        assert_eq!(read.version(), Version::MAX);
        assert_eq!(read.events(), history.events());
        assert!(read.last_sequence() > history.last_sequence());
    }
    node.server.stop().await;
}

/// A repeat of the second event even follows on the first one, which is all that the cache has.
#[tokio::test]
async fn a_repeat_at_the_head_does_not_hide_what_is_before_it() {
    let node = node().await;
    let (log, other) = (node.log().await, node.log().await);
    for repeated in 0..3 {
        let known = placed(&log).await;
        let mut ahead = known.clone();
        for _ in 0..2 {
            ahead = appended(&other, &ahead, vec![some_event()]).await;
        }
        store_again(&node.connection().await, &ahead.events()[repeated]).await;

        let order = known.order_id();
        for log in [&node.log().await, &log] {
            let read = load(log, order, Freshness::Current).await;
            assert_eq!(read.version(), Version::new(3), "{repeated} repeated");
            assert_eq!(read.events(), ahead.events());
            assert!(read.last_sequence() > ahead.last_sequence());
        }
        for stale in [&known, &ahead] {
            let answer = bounded(log.append(stale, drafts(stale, vec![some_event()]))).await;
            assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
        }
        let read = load(&log, order, Freshness::Current).await;
        let after = appended(&log, &read, vec![some_event()]).await;
        assert_eq!(after.version(), Version::new(4));
        let read = load(&node.log().await, order, Freshness::Current).await;
        assert_eq!(read.events(), after.events());
    }
    node.server.stop().await;
}
