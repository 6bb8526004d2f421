//! One append at a time.

use ordertrace_domain::testing::fixtures::{self, drafts, events};
use ordertrace_domain::{
    AppendError, Draft, EventLog, Freshness, History, PAYLOAD_BYTES_MAX, Version,
};
use ordertrace_nats::subject::events_of;
use ordertrace_nats::{TopologyOptions, Unfit};

use crate::support::{
    all_messages, appended, bounded, load, node, node_with, placed, placing, some_event,
};

fn is_not_stored(answer: &Result<History, AppendError>) -> bool {
    matches!(answer, Err(AppendError::NotStored(_)))
}

#[tokio::test]
async fn of_two_writers_on_one_version_one_wins_and_the_other_has_a_conflict() {
    let node = node().await;
    let (one, other) = (node.log().await, node.log().await);
    let base = placed(&one).await;
    let (a, b) = tokio::join!(
        one.append(&base, drafts(&base, vec![some_event()])),
        other.append(&base, drafts(&base, vec![some_event()])),
    );
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    assert!(matches!(lost, Err(AppendError::Conflict)), "{lost:?}");
    let read = load(&other, base.order_id(), Freshness::Current).await;
    assert_eq!(read.events(), won.unwrap().events());
    node.server.stop().await;
}

#[tokio::test]
async fn a_message_says_in_its_headers_what_its_payload_says() {
    let node = node().await;
    let log = node.log().await;
    let base = placed(&log).await;
    let decision = vec![some_event(), events::delivery_completed(1)];
    let history = appended(&log, &base, decision).await;

    let messages = all_messages(&node.connection().await).await;
    assert_eq!(messages.len(), 3);
    for ((subject, headers, payload), event) in messages.iter().zip(history.events()) {
        let header = |name: &str| headers.get(name).map(|value| value.to_string());
        let envelope = &event.envelope;
        assert_eq!(*subject, events_of(history.order_id()));
        assert_eq!(header("Nats-Msg-Id"), Some(envelope.event_id.to_string()));
        let event_type = envelope.event.event_type();
        assert_eq!(header("Ordertrace-Type").as_deref(), Some(event_type.name));
        assert_eq!(
            header("Ordertrace-Schema"),
            Some(event_type.schema.to_string())
        );
        assert_eq!(*payload, envelope.encode());
    }
    node.server.stop().await;
}

/// The server takes the second message for a repeat of the first, whatever is in it.
#[tokio::test]
async fn a_known_id_with_another_body_is_never_taken_for_stored() {
    let node = node().await;
    let log = node.log().await;
    let known = placed(&log).await.events()[0].envelope.clone();
    let renamed = |draft: &Draft| {
        let mut envelope = draft.envelope.clone();
        (envelope.event_id, envelope.command_id) = (known.event_id, known.command_id);
        Draft::new(envelope)
    };

    let (base, alone) = placing();
    let alone = vec![renamed(&alone[0])];
    let answer = bounded(log.append(&base, alone)).await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    let read = load(&log, base.order_id(), Freshness::Current).await;
    assert_eq!(read.version(), Version::NONE);

    let (base, first) = placing();
    let first = renamed(&first[0]);
    let mut second = drafts(
        &base,
        vec![events::order_placed(fixtures::cash()), some_event()],
    )
    .remove(1);
    second.envelope.prev_hash = first.hash;
    let in_a_batch = vec![first, Draft::new(second.envelope)];
    let answer = bounded(log.append(&base, in_a_batch)).await;
    assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    let read = load(&log, base.order_id(), Freshness::Current).await;
    assert_eq!(read.version(), Version::NONE);
    node.server.stop().await;
}

#[tokio::test]
async fn a_decision_of_several_events_is_stored_whole_or_not_at_all() {
    let node = node().await;
    let (one, other) = (node.log().await, node.log().await);
    let base = placed(&one).await;
    let three = || drafts(&base, vec![some_event(), some_event(), some_event()]);
    let (a, b) = tokio::join!(one.append(&base, three()), other.append(&base, three()));
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    assert!(matches!(lost, Err(AppendError::Conflict)), "{lost:?}");
    let won = won.unwrap();
    assert_eq!(won.version(), Version::new(4));
    assert_eq!(all_messages(&node.connection().await).await.len(), 4);
    let read = load(&other, base.order_id(), Freshness::Current).await;
    assert_eq!(
        read.events(),
        won.events(),
        "its events stand where the answer says"
    );
    node.server.stop().await;
}

#[tokio::test]
async fn what_does_not_continue_the_history_is_not_sent() {
    let node = node().await;
    let log = node.log().await;
    let base = placed(&log).await;
    let foreign = placed(&log).await;
    let mut too_long = drafts(&base, vec![some_event()]);
    too_long[0].payload = vec![0; PAYLOAD_BYTES_MAX + 1];
    for unfit in [
        vec![],
        too_long,
        drafts(&foreign, vec![some_event()]),
        drafts(&History::empty(base.order_id()), vec![some_event()]),
    ] {
        let answer = bounded(log.append(&base, unfit)).await;
        let Err(AppendError::NotStored(cause)) = answer else {
            panic!("{answer:?}");
        };
        assert!(cause.is::<Unfit>(), "{cause:?}");
    }
    assert_eq!(all_messages(&node.connection().await).await.len(), 2);
    node.server.stop().await;
}

#[tokio::test]
async fn a_full_stream_says_so_and_keeps_what_it_has() {
    let small = TopologyOptions {
        events_bytes_max: Some(4_096),
        ..TopologyOptions::SINGLE
    };
    let node = node_with(small, |_| {}).await;
    let log = node.log().await;
    let mut stored = Vec::new();
    let refused = loop {
        let (base, events) = placing();
        match bounded(log.append(&base, events)).await {
            Ok(history) => stored.push(history),
            refused => break refused,
        }
        assert!(stored.len() < 100, "the stream never fills");
    };
    assert!(is_not_stored(&refused), "{refused:?}");
    let decision = drafts(&stored[0], vec![some_event(), some_event()]);
    let refused = bounded(log.append(&stored[0], decision)).await;
    assert!(is_not_stored(&refused), "{refused:?}");
    assert_eq!(
        all_messages(&node.connection().await).await.len(),
        stored.len()
    );
    node.server.stop().await;
}
