//! Three nodes: replicas lag, messages are in flight, and leaders die.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use futures::future::{join, join_all};
use ordertrace_domain::testing::fixtures::drafts;
use ordertrace_domain::{EventLog, Freshness, History};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{Connection, JetStreamLog, Topology, TopologyOptions};
use tempfile::TempDir;

use crate::outages::{Load, WRITERS};
use crate::support::{
    all_messages, appended, bounded, connect, load, log_over, placed, placing, some_event, until,
};

/// Logs of one test, each over a connection of its own.
const LOGS: usize = 4;

struct Three {
    cluster: Cluster,
    _dir: TempDir,
}

async fn three() -> Three {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let connection = connect(cluster.urls()).await;
    let topology = Topology::new(TopologyOptions::REPLICATED);
    topology.ensure(&connection).await.unwrap();
    Three { cluster, _dir: dir }
}

impl Three {
    /// A connection to this one node.
    async fn connection_to(&self, node: usize) -> Connection {
        connect([self.cluster.node(node).client_url()]).await
    }

    async fn log_at(&self, node: usize) -> JetStreamLog {
        log_over(&self.connection_to(node).await).await
    }

    /// The node that leads the event stream.
    async fn leader(&self) -> usize {
        let connection = connect(self.cluster.urls()).await;
        let stream = connection
            .jetstream()
            .get_stream(EVENTS_STREAM)
            .await
            .unwrap();
        let leader = stream
            .cached_info()
            .cluster
            .as_ref()
            .unwrap()
            .leader
            .clone();
        let name = leader.unwrap();
        let nodes = self.cluster.nodes();
        nodes.iter().position(|node| node.name() == name).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sole_writer_has_no_conflicts() {
    let three = three().await;
    let writer = three.log_at(0).await;
    let mut history = placed(&writer).await;
    for _ in 0..300 {
        history = appended(&writer, &history, vec![some_event()]).await;
    }
    let read = load(
        &three.log_at(1).await,
        history.order_id(),
        Freshness::Current,
    )
    .await;
    assert_eq!(read.events(), history.events());
    three.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_may_lag_behind_and_the_leaders_word_never_does() {
    const ORDERS: usize = 500;
    let three = three().await;
    let leader = three.leader().await;
    let writer = three.log_at(leader).await;
    let reader = three.log_at((leader + 1) % 3).await;
    let mut stale = 0;
    for _ in 0..ORDERS {
        let history = placed(&writer).await;
        let order = history.order_id();
        let read = load(&reader, order, Freshness::MayBeStale).await;
        stale += usize::from(read.version() < history.version());
        let read = load(&reader, order, Freshness::Current).await;
        assert_eq!(read.events(), history.events());
    }
    println!("{stale} of {ORDERS} reads from a replica were stale");
    three.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_appends_at_once_are_stored_where_their_answers_say() {
    let three = three().await;
    let (one, other) = (three.log_at(0).await, three.log_at(1).await);
    let contested = placed(&one).await;
    let mut decisions: Vec<_> = (0..256).map(|_| placing()).collect();
    decisions.push((contested.clone(), drafts(&contested, vec![some_event(); 2])));
    let rival = other.append(&contested, drafts(&contested, vec![some_event(); 2]));
    let appends = decisions
        .iter()
        .map(|(base, events)| one.append(base, events.clone()));
    let (mut answers, rival) = bounded(join(join_all(appends), rival)).await;
    let contested = answers.pop().unwrap();
    assert!(
        contested.is_ok() != rival.is_ok(),
        "{contested:?} {rival:?}"
    );
    let won = if contested.is_ok() { contested } else { rival };
    for history in answers.into_iter().chain([won]).map(Result::unwrap) {
        let read = load(&other, history.order_id(), Freshness::Current).await;
        assert_eq!(read.events(), history.events());
    }
    three.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_leaders_death_every_stored_event_is_there_exactly_once() {
    let mut three = three().await;
    let leader = three.leader().await;
    // A client of the node that dies loses its connection, another one only its answers: which is which is by chance.
    let mut logs = Vec::new();
    for _ in 0..LOGS {
        logs.push(log_over(&connect(three.cluster.urls()).await).await);
    }
    let load = Load::default();
    let writers = join_all((0..WRITERS).map(|number| load.write(&logs[number % LOGS])));
    let killer = async {
        until(async || load.stored.load(Ordering::Relaxed) > 500).await;
        three.cluster.node_mut(leader).kill().await;
        let by_then = load.stored.load(Ordering::Relaxed);
        until(async || load.stored.load(Ordering::Relaxed) > by_then + 500).await;
        load.is_over.store(true, Ordering::Relaxed);
    };
    let (written, ()) = bounded(join(writers, killer)).await;

    let written: Vec<History> = written.into_iter().flatten().collect();
    for history in &written {
        let read = bounded(logs[0].load(history.order_id(), Freshness::Current)).await;
        assert_eq!(read.unwrap().events(), history.events());
    }
    let messages = all_messages(&connect(three.cluster.urls()).await).await;
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
    three.cluster.stop().await;
}
