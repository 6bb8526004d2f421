//! Histories as they are read: long ones, broken ones, and those of another log.

use async_nats::HeaderMap;
use ordertrace_domain::testing::fixtures::{self, drafts};
use ordertrace_domain::{
    AppendError, BrokenHistory, EventLog, Freshness, History, LogError, OrderId,
};
use ordertrace_nats::subject::{EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{JetStreamLog, Topology, TopologyOptions};

use crate::support::{
    EITHER, appended, bounded, headers_of, load, log_over, longest, node, placed, publish,
    some_event,
};

async fn broken(log: &JetStreamLog, order: OrderId, freshness: Freshness) -> BrokenHistory {
    match bounded(log.load(order, freshness)).await {
        Err(LogError::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_longest_history_there_may_be_is_read_whole() {
    let node = node().await;
    let log = node.log().await;
    let history = longest(&log).await;
    for freshness in EITHER {
        let read = load(&node.log().await, history.order_id(), freshness).await;
        assert_eq!(read.events(), history.events());
    }

    let one_more = drafts(&history, vec![some_event()]).remove(0);
    let connection = node.connection().await;
    publish(
        &connection,
        history.order_id(),
        headers_of(&one_more.envelope),
        one_more.payload,
    )
    .await;
    for freshness in EITHER {
        let found = broken(&node.log().await, history.order_id(), freshness).await;
        assert!(
            matches!(found, BrokenHistory::OutOfPlace { .. }),
            "{found:?}"
        );
    }
    node.server.stop().await;
}

#[tokio::test]
async fn what_somebody_else_wrote_breaks_its_own_order_only() {
    let node = node().await;
    let log = node.log().await;
    let connection = node.connection().await;
    let mut orders = Vec::new();
    for _ in 0..6 {
        orders.push(placed(&log).await);
    }
    let [garbage, bare, forged, twofold, unlinked, sound] = &orders[..] else {
        panic!("six orders");
    };
    let event = |base: &History| drafts(base, vec![some_event()]).remove(0);

    publish(
        &connection,
        garbage.order_id(),
        HeaderMap::new(),
        b"garbage".to_vec(),
    )
    .await;
    publish(
        &connection,
        bare.order_id(),
        HeaderMap::new(),
        event(bare).payload,
    )
    .await;
    let draft = event(forged);
    let mut headers = headers_of(&draft.envelope);
    headers.insert("Ordertrace-Type", "OrderCancelled");
    publish(&connection, forged.order_id(), headers, draft.payload).await;
    let draft = event(twofold);
    let mut headers = headers_of(&draft.envelope);
    headers.append("Ordertrace-Type", "OrderCancelled");
    publish(&connection, twofold.order_id(), headers, draft.payload).await;
    let draft = event(garbage);
    publish(
        &connection,
        unlinked.order_id(),
        headers_of(&draft.envelope),
        draft.payload,
    )
    .await;

    for freshness in EITHER {
        let log = node.log().await;
        let found = broken(&log, garbage.order_id(), freshness).await;
        assert!(
            matches!(found, BrokenHistory::Unreadable { .. }),
            "{found:?}"
        );
        for order in [bare, forged, twofold] {
            let found = broken(&log, order.order_id(), freshness).await;
            assert!(
                matches!(found, BrokenHistory::HeaderMismatch { .. }),
                "{found:?}"
            );
        }
        let found = broken(&log, unlinked.order_id(), freshness).await;
        assert!(
            matches!(found, BrokenHistory::ForeignOrder { .. }),
            "{found:?}"
        );
        let read = load(&log, sound.order_id(), freshness).await;
        assert_eq!(read.events(), sound.events());
    }
    appended(&log, sound, vec![some_event()]).await;
    let answer = bounded(log.append(garbage, vec![event(garbage)])).await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    node.server.stop().await;
}

/// A foreign writer may put any header into a message, those of the server's answers among them.
#[tokio::test]
async fn a_forged_sequence_is_not_believed() {
    let node = node().await;
    let log = node.log().await;
    let base = placed(&log).await;
    let draft = drafts(&base, vec![some_event()]).remove(0);
    let mut headers = headers_of(&draft.envelope);
    headers.insert("Nats-Sequence", "4711");
    publish(
        &node.connection().await,
        base.order_id(),
        headers,
        draft.payload,
    )
    .await;
    let mut sequences = Vec::new();
    for freshness in EITHER {
        let read = load(&node.log().await, base.order_id(), freshness).await;
        sequences.push(read.last_sequence().get());
    }
    assert_eq!(sequences, [2, 2]);
    node.server.stop().await;
}

#[tokio::test]
async fn a_stale_cache_is_caught_up_from_the_leader() {
    let node = node().await;
    let (log, other) = (node.log().await, node.log().await);
    let known = placed(&log).await;
    let mut ahead = known.clone();
    for count in [1, 3, 1] {
        ahead = appended(&other, &ahead, vec![some_event(); count]).await;
    }
    let order = known.order_id();
    let stale = load(&log, order, Freshness::MayBeStale).await;
    assert_eq!(stale.events(), known.events());
    let answer = bounded(log.append(&stale, drafts(&stale, vec![some_event()]))).await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    for freshness in [Freshness::Current, Freshness::MayBeStale] {
        let read = load(&log, order, freshness).await;
        assert_eq!(read.events(), ahead.events(), "{freshness:?}");
    }
    node.server.stop().await;
}

#[tokio::test]
async fn a_log_that_lacks_what_was_in_it_is_another_one() {
    let node = node().await;
    let connection = node.connection().await;
    let log = log_over(&connection).await;
    let known = placed(&log).await;
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        connection.jetstream().delete_stream(stream).await.unwrap();
    }
    Topology::new(TopologyOptions::SINGLE)
        .ensure(&connection)
        .await
        .unwrap();

    let answer = bounded(log.load(known.order_id(), Freshness::Current)).await;
    assert!(matches!(answer, Err(LogError::Recreated)), "{answer:?}");
    let answer = bounded(log.load(fixtures::order_id(), Freshness::MayBeStale)).await;
    assert!(matches!(answer, Err(LogError::Recreated)), "{answer:?}");
    let answer = bounded(log.append(&known, drafts(&known, vec![some_event()]))).await;
    assert!(matches!(answer, Err(AppendError::Recreated)), "{answer:?}");
    node.server.stop().await;
}

#[tokio::test]
async fn an_append_that_is_stored_before_what_was_seen_is_in_another_log() {
    let node = node().await;
    let connection = node.connection().await;
    let log = log_over(&connection).await;
    for _ in 0..3 {
        placed(&log).await;
    }
    for stream in [EVENTS_STREAM, TIMERS_STREAM] {
        connection.jetstream().delete_stream(stream).await.unwrap();
    }
    Topology::new(TopologyOptions::SINGLE)
        .ensure(&connection)
        .await
        .unwrap();
    let (base, events) = crate::support::placing();
    let answer = bounded(log.append(&base, events)).await;
    assert!(
        matches!(answer, Err(AppendError::OutcomeUnknown(_))),
        "{answer:?}"
    );
    node.server.stop().await;
}
