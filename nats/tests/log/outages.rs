//! The server dies.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use ordertrace_domain::testing::fixtures::drafts;
use ordertrace_domain::{AppendError, EventLog, Freshness, History, LogError};
use ordertrace_nats::JetStreamLog;

use crate::support::{
    all_messages, appended, bounded, log_over, mortal_node, node, placed, placing, some_event,
    stored_somehow, until,
};

pub(crate) const WRITERS: usize = 64;

/// What the writers did.
#[derive(Default)]
pub(crate) struct Load {
    pub(crate) is_over: AtomicBool,
    pub(crate) stored: AtomicUsize,
    unsettled: AtomicUsize,
}

impl Load {
    /// Places orders until it is over; each is stored in the end, however often that takes.
    pub(crate) async fn write(&self, log: &JetStreamLog) -> Vec<History> {
        let mut histories = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            let (base, events) = placing();
            let history = match log.append(&base, events.clone()).await {
                Ok(history) => history,
                Err(_) => {
                    self.unsettled.fetch_add(1, Ordering::Relaxed);
                    stored_somehow(log, &base, events).await
                }
            };
            histories.push(history);
            self.stored.fetch_add(1, Ordering::Relaxed);
        }
        histories
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_under_load_every_stored_event_is_there_exactly_once() {
    let node = node().await;
    let log = node.log().await;
    let load = Load::default();
    let writers = join_all((0..WRITERS).map(|_| load.write(&log)));
    let killer = async {
        until(async || load.stored.load(Ordering::Relaxed) > 500).await;
        node.kill();
        let unsettled_or_back = async || load.unsettled.load(Ordering::Relaxed) > 0;
        until(unsettled_or_back).await;
        let by_then = load.stored.load(Ordering::Relaxed);
        until(async || load.stored.load(Ordering::Relaxed) > by_then + 500).await;
        load.is_over.store(true, Ordering::Relaxed);
    };
    let (written, ()) = bounded(futures::future::join(writers, killer)).await;

    let written: Vec<History> = written.into_iter().flatten().collect();
    let reader = node.log().await;
    for history in &written {
        let read = reader
            .load(history.order_id(), Freshness::Current)
            .await
            .unwrap();
        assert_eq!(read.events(), history.events());
    }
    let messages = all_messages(&node.connection().await).await;
    let ids: BTreeSet<String> = messages
        .iter()
        .map(|(_, headers, _)| headers.get("Nats-Msg-Id").unwrap().to_string())
        .collect();
    assert_eq!(
        messages.len(),
        written.len(),
        "everything there was written, once"
    );
    assert_eq!(ids.len(), written.len());
    node.server.stop().await;
}

#[tokio::test]
async fn while_the_server_is_down_clients_are_told_at_once() {
    let node = mortal_node().await;
    let connection = node.connection().await;
    let log = log_over(&connection).await;
    let known = placed(&log).await;
    node.kill();
    until(async || !connection.is_connected()).await;

    let asked = Instant::now();
    let answer = log.append(&known, drafts(&known, vec![some_event()])).await;
    assert!(
        matches!(answer, Err(AppendError::NotStored(_))),
        "{answer:?}"
    );
    let (base, _) = placing();
    for freshness in [Freshness::MayBeStale, Freshness::Current] {
        let answer = log.load(base.order_id(), freshness).await;
        assert!(
            matches!(answer, Err(LogError::Unavailable(_))),
            "{answer:?}"
        );
    }
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn many_appends_at_once_are_told_at_once_too() {
    let node = mortal_node().await;
    let connection = node.connection().await;
    let log = log_over(&connection).await;
    node.kill();
    until(async || !connection.is_connected()).await;
    let asked = Instant::now();
    let decisions: Vec<_> = (0..WRITERS).map(|_| placing()).collect();
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    for answer in join_all(appends).await {
        assert!(
            matches!(answer, Err(AppendError::NotStored(_))),
            "{answer:?}"
        );
    }
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test]
async fn a_hot_order_is_read_without_asking_the_server() {
    let node = mortal_node().await;
    let connection = node.connection().await;
    let log = log_over(&connection).await;
    let history = placed(&log).await;
    let history = appended(&log, &history, vec![some_event()]).await;
    node.kill();
    until(async || !connection.is_connected()).await;
    let read = log
        .load(history.order_id(), Freshness::MayBeStale)
        .await
        .unwrap();
    assert_eq!(read.events(), history.events());
}

/// As with a full disk: the connection holds, and nothing is ever answered.
#[tokio::test]
async fn a_silent_server_is_not_waited_for_longer_than_the_budget() {
    /// See `APPEND_BUDGET` of the log, with a second to answer in and room for a loaded machine.
    const BUDGET: Duration = Duration::from_secs(16 + 1 + 5);
    let node = node().await;
    let log = node.log().await;
    placed(&log).await;
    node.signal("-STOP");
    let asked = Instant::now();
    let decisions: Vec<_> = (0..WRITERS).map(|_| placing()).collect();
    let appends = decisions
        .iter()
        .map(|(base, events)| log.append(base, events.clone()));
    let answers = bounded(join_all(appends)).await;
    assert!(asked.elapsed() < BUDGET, "{:?}", asked.elapsed());
    node.signal("-CONT");
    for answer in answers {
        assert!(
            matches!(answer, Err(AppendError::OutcomeUnknown(_))),
            "they were sent together, so all are in doubt: {answer:?}"
        );
    }
    for (base, events) in &decisions {
        stored_somehow(&log, base, events.clone()).await;
    }
    let messages = all_messages(&node.connection().await).await;
    assert_eq!(messages.len(), 1 + WRITERS);
    node.server.stop().await;
}
