//! The contract of the log, on real servers: each behaviour on a node of its own, and all of them on one cluster.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use ordertrace_domain::testing::{RunningClock, contract};
use ordertrace_domain::{
    Backlogs, Checkpoints, Clock, DeadLetters, EventArchive, EventFeed, EventLog, Parking, Records,
    Timers, WorkQueue, log_contract_tests,
};
use ordertrace_nats::managed::{Cluster, ManagedServer, StartOptions, SyncPolicy};
use ordertrace_nats::{
    ConnectOptions, Connection, JetStreamCheckpoints, JetStreamFeed, JetStreamLog,
    JetStreamParking, JetStreamRecords, JetStreamTimers, JetStreamWork, StreamIdentity, Topology,
    TopologyOptions,
};
use tempfile::TempDir;

/// Whatever it is that runs; it ends with the test.
struct JetStream<S> {
    connection: Connection,
    second: Connection,
    identity: StreamIdentity,
    log: Arc<JetStreamLog>,
    second_log: Arc<JetStreamLog>,
    clock: Arc<RunningClock>,
    _servers: S,
    _dir: TempDir,
}

async fn connect(urls: &[String]) -> Connection {
    Connection::open(ConnectOptions::new(urls, "contract"))
        .await
        .unwrap()
}

impl<S> JetStream<S> {
    async fn over(servers: S, urls: &[String], options: TopologyOptions, dir: TempDir) -> Self {
        let (connection, second) = (connect(urls).await, connect(urls).await);
        let provisioned = Topology::new(options).ensure(&connection).await.unwrap();
        let identity = connection.watch(provisioned.incarnation);
        Self {
            log: Arc::new(JetStreamLog::open(&connection, identity.clone())),
            second_log: Arc::new(JetStreamLog::open(&second, identity.clone())),
            connection,
            second,
            identity,
            clock: Arc::new(RunningClock::new()),
            _servers: servers,
            _dir: dir,
        }
    }
}

async fn one_node() -> JetStream<ManagedServer> {
    let dir = tempfile::tempdir().unwrap();
    let server = ManagedServer::start(StartOptions::new(dir.path()))
        .await
        .unwrap();
    let urls = [server.client_url().to_owned()];
    JetStream::over(server, &urls, TopologyOptions::SINGLE, dir).await
}

async fn three_nodes() -> JetStream<Cluster> {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let urls = cluster.urls();
    JetStream::over(cluster, &urls, TopologyOptions::REPLICATED, dir).await
}

#[async_trait]
impl<S: Send + Sync> contract::Harness for JetStream<S> {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::<JetStreamLog>::clone(&self.log)
    }

    fn second_log(&self) -> Arc<dyn EventLog> {
        Arc::<JetStreamLog>::clone(&self.second_log)
    }

    fn feed(&self) -> Arc<dyn EventFeed> {
        Arc::new(JetStreamFeed::new(&self.second, self.identity.clone()))
    }

    fn archive(&self) -> Arc<dyn EventArchive> {
        Arc::<JetStreamLog>::clone(&self.second_log)
    }

    fn records(&self) -> Arc<dyn Records> {
        Arc::new(JetStreamRecords::new(&self.second, self.identity.clone()))
    }

    fn checkpoints(&self) -> Arc<dyn Checkpoints> {
        let identity = self.identity.clone();
        Arc::new(JetStreamCheckpoints::new(&self.connection, identity))
    }

    fn second_checkpoints(&self) -> Arc<dyn Checkpoints> {
        let identity = self.identity.clone();
        Arc::new(JetStreamCheckpoints::new(&self.second, identity))
    }

    fn queue(&self) -> Arc<dyn WorkQueue> {
        Arc::new(JetStreamWork::new(&self.second, self.identity.clone()))
    }

    fn backlogs(&self) -> Arc<dyn Backlogs> {
        Arc::new(JetStreamWork::new(&self.second, self.identity.clone()))
    }

    fn timers(&self) -> Arc<dyn Timers> {
        Arc::new(JetStreamTimers::new(&self.connection))
    }

    fn parking(&self) -> Arc<dyn Parking> {
        Arc::new(JetStreamParking::new(&self.connection))
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        Arc::new(JetStreamParking::new(&self.second))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::<RunningClock>::clone(&self.clock)
    }
}

log_contract_tests!(one_node());

#[tokio::test(flavor = "multi_thread")]
async fn all_behaviours_hold_one_after_the_other_on_a_cluster() {
    contract::check_all(&three_nodes().await).await;
}
