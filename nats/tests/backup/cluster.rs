//! Three nodes: only one takes a restore in, consumers are handed out after it, and every node calls the stream's time of
//! creation another one.

use ordertrace_domain::Incarnation;
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{
    BackupError, Connection, JetStreamBackup, Replicas, Restoring, Topology, TopologyError,
    TopologyOptions,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Node, Taken, connect, eventually, orders, place, stored, take_log};

const ORDERS: usize = 2_000;

struct Three {
    cluster: Cluster,
    connection: Connection,
    _dir: TempDir,
}

async fn three() -> Three {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    Three {
        connection: connect(cluster.urls()).await,
        cluster,
        _dir: dir,
    }
}

impl Three {
    /// The node that leads the log.
    async fn leader(&self) -> usize {
        eventually("a leader of the log", async || {
            let stream = self
                .connection
                .jetstream()
                .get_stream(EVENTS_STREAM)
                .await
                .ok()?;
            let leader = stream.cached_info().cluster.as_ref()?.leader.clone()?;
            self.cluster
                .nodes()
                .iter()
                .position(|node| node.name() == leader)
        })
        .await
    }
}

async fn restore(three: &Three, taken: &Taken, incarnation: Incarnation) {
    let released = taken.released(Replicas::Three, incarnation);
    taken.put(&three.connection, &released).await.unwrap();
    let backup = JetStreamBackup::new(&three.connection);
    backup.level(EVENTS_STREAM, taken.state.last).await.unwrap();
    for node in three.cluster.nodes() {
        let held = held(node.monitor_url()).await;
        assert_eq!(held, Some(taken.state.messages), "{}", node.name());
    }
    backup.release(&released).await.unwrap();
}

/// How many messages of the log a node itself has.
async fn held(monitor_url: &str) -> Option<u64> {
    let url = format!("{monitor_url}/jsz?streams=true");
    let answer = reqwest::get(url).await.unwrap().bytes().await.unwrap();
    let jsz: Value = serde_json::from_slice(&answer).unwrap();
    let mut streams = jsz["account_details"][0]["stream_detail"]
        .as_array()?
        .iter();
    let log = streams.find(|stream| stream["name"] == EVENTS_STREAM)?;
    log["state"]["messages"].as_u64()
}

#[tokio::test]
async fn a_log_moves_to_three_nodes_and_back_and_is_the_same_log_whoever_leads() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(ORDERS)).await;
    let places = JetStreamBackup::new(&source).places().await.unwrap();
    let mut three = three().await;
    restore(&three, &take_log(&source).await, incarnation).await;
    let backup = JetStreamBackup::new(&three.connection);
    backup.rewind(EVENTS_STREAM, &places).await.unwrap();

    let leader = three.leader().await;
    three.cluster.node_mut(leader).kill().await;
    assert_ne!(three.leader().await, leader, "another one leads");
    assert_eq!(backup.incarnation().await.unwrap(), incarnation);
    assert_eq!(
        stored(&three.connection, 50).await,
        stored(&source, 50).await
    );
    three.cluster.node_mut(leader).start().await.unwrap();
    let all = ORDERS as u64;
    backup.level(EVENTS_STREAM, all).await.unwrap();
    place(&three.connection, incarnation, orders(1)).await;

    let here = Node::bare().await;
    let target = here.connect().await;
    let taken = take_log(&three.connection).await;
    let released = taken.released(Replicas::One, incarnation);
    let state = taken.put(&target, &released).await.unwrap();
    assert_eq!((state.messages, state.last), (all + 1, all + 1));
    three.cluster.stop().await;
}

#[tokio::test]
async fn a_restore_that_was_cut_off_holds_the_name_and_no_role_starts_on_it() {
    let (_there, source, incarnation) = Node::ready().await;
    place(&source, incarnation, orders(ORDERS)).await;
    let taken = take_log(&source).await;
    let three = three().await;
    let released = taken.released(Replicas::Three, incarnation);
    let mut restoring = taken.begin(&three.connection, &released).await.unwrap();
    restoring
        .push(taken.bytes[..Restoring::PIECE_BYTES].to_vec())
        .await
        .unwrap();
    drop(restoring);

    let refused = taken.put(&three.connection, &released).await.unwrap_err();
    assert!(matches!(refused, BackupError::Exists { .. }), "{refused}");
    let topology = Topology::new(TopologyOptions::REPLICATED);
    let refused = topology.ensure(&three.connection).await.unwrap_err();
    assert!(
        matches!(
            refused,
            TopologyError::Drift(_) | TopologyError::Unreadable { .. }
        ),
        "{refused}"
    );
    eventually(
        "the next restore, once what is left is removed",
        async || {
            let context = three.connection.jetstream();
            context.delete_stream(EVENTS_STREAM).await.ok()?;
            taken.put(&three.connection, &released).await.ok()
        },
    )
    .await;
    three.cluster.stop().await;
}
