//! Many appends at the same moment. On the test's one thread all of them wait before the first is sent, so that what
//! goes together is no matter of chance.

use std::collections::BTreeSet;

use futures::future::join_all;
use ordertrace_domain::testing::fixtures::drafts;
use ordertrace_domain::{AppendError, EventLog, Freshness, History};
use ordertrace_nats::QueueFull;

use crate::support::{all_messages, appended, bounded, load, node, placed, placing, some_event};

const AT_ONCE: usize = 256;
/// See `APPENDS_MAX` of the batcher.
const APPENDS_MAX: usize = 4_096;

fn batches(messages: &[(String, async_nats::HeaderMap, Vec<u8>)]) -> BTreeSet<String> {
    let ids = messages
        .iter()
        .filter_map(|(_, headers, _)| headers.get("Nats-Batch-Id"));
    ids.map(ToString::to_string).collect()
}

#[tokio::test]
async fn appends_that_wait_at_the_same_moment_are_stored_as_one_batch() {
    let node = node().await;
    let log = node.log().await;
    let decisions: Vec<_> = (0..AT_ONCE).map(|_| placing()).collect();
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    let answers = bounded(join_all(appends)).await;
    let histories: Vec<History> = answers.into_iter().map(Result::unwrap).collect();

    let messages = all_messages(&node.connection().await).await;
    assert_eq!(messages.len(), AT_ONCE);
    assert_eq!(batches(&messages).len(), 1);
    let reader = node.log().await;
    for history in histories {
        let read = load(&reader, history.order_id(), Freshness::Current).await;
        assert_eq!(
            read.events(),
            history.events(),
            "it stands where the answer says"
        );
    }
    node.server.stop().await;
}

#[tokio::test]
async fn a_lone_append_is_a_plain_publish() {
    let node = node().await;
    placed(&node.log().await).await;
    let messages = all_messages(&node.connection().await).await;
    assert!(batches(&messages).is_empty());
    node.server.stop().await;
}

#[tokio::test]
async fn a_member_in_conflict_costs_the_others_nothing() {
    let node = node().await;
    let (log, other) = (node.log().await, node.log().await);
    let stale = placed(&log).await;
    appended(&other, &stale, vec![some_event()]).await;

    let mut decisions: Vec<_> = (1..AT_ONCE).map(|_| placing()).collect();
    decisions.insert(100, (stale.clone(), drafts(&stale, vec![some_event()])));
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    for (index, answer) in bounded(join_all(appends)).await.into_iter().enumerate() {
        match index {
            100 => assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}"),
            _ => assert!(answer.is_ok(), "{answer:?}"),
        }
    }
    let messages = all_messages(&node.connection().await).await;
    assert_eq!(messages.len(), 2 + AT_ONCE - 1);
    assert!(
        batches(&messages).is_empty(),
        "the batch was refused, so all of it went alone"
    );
    node.server.stop().await;
}

#[tokio::test]
async fn decisions_of_several_events_share_a_batch_unsplit() {
    let node = node().await;
    let log = node.log().await;
    let mut bases = Vec::new();
    for _ in 0..40 {
        bases.push(placed(&log).await);
    }
    let three = || vec![some_event(), some_event(), some_event()];
    let appends = bases
        .iter()
        .map(|base| log.append(base, drafts(base, three())));
    let reader = node.log().await;
    for answer in bounded(join_all(appends)).await {
        let history = answer.unwrap();
        let read = load(&reader, history.order_id(), Freshness::Current).await;
        assert_eq!(read.events(), history.events());
    }
    let messages = all_messages(&node.connection().await).await;
    assert_eq!(batches(&messages).len(), 1);
    node.server.stop().await;
}

/// Of many decisions of one order on one version all but one are told without asking the server.
#[tokio::test]
async fn decisions_of_one_order_do_not_spoil_each_others_batches() {
    let node = node().await;
    let log = node.log().await;
    let base = placed(&log).await;
    let mut decisions: Vec<_> = (0..40).map(|_| placing()).collect();
    let rivals = (0..40).map(|_| (base.clone(), drafts(&base, vec![some_event()])));
    decisions.extend(rivals);
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    let answers = bounded(join_all(appends)).await;
    assert!(answers[..40].iter().all(Result::is_ok));
    assert_eq!(
        answers[40..].iter().filter(|answer| answer.is_ok()).count(),
        1
    );
    let conflicts = answers
        .iter()
        .filter(|answer| matches!(answer, Err(AppendError::Conflict)));
    assert_eq!(conflicts.count(), 39);
    let messages = all_messages(&node.connection().await).await;
    assert_eq!(
        batches(&messages).len(),
        1,
        "the batch of all orders was not refused"
    );
    node.server.stop().await;
}

#[tokio::test]
async fn one_append_too_many_is_told_so_at_once() {
    let node = node().await;
    let log = node.log().await;
    let decisions: Vec<_> = (0..=APPENDS_MAX).map(|_| placing()).collect();
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    let mut answers = bounded(join_all(appends)).await;
    let Some(Err(AppendError::NotStored(cause))) = answers.pop() else {
        panic!("the last append found room");
    };
    assert!(cause.is::<QueueFull>(), "{cause:?}");
    assert!(answers.iter().all(Result::is_ok));
    placed(&log).await;
    node.server.stop().await;
}
