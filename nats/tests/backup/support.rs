//! Servers to take streams out of and to put them back into, and what is in them.

use std::time::Duration;

use async_nats::HeaderMap;
use bytes::Bytes;
use ordertrace_domain::testing::fixtures::{self, drafts, events};
use ordertrace_domain::{Draft, EventLog, History, Incarnation, OrderId, Shard};
use ordertrace_nats::managed::{ManagedServer, StartOptions, SyncPolicy};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{
    BackupError, ConnectOptions, Connection, JetStreamBackup, JetStreamLog, Replicas, Restoring,
    StreamConfig, StreamState, Topology, TopologyOptions, restored_log_config, withheld_config,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// What a test waits for takes seconds at most on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a folder of its own; both go with it.
pub(crate) struct Node {
    server: ManagedServer,
    _dir: TempDir,
}

impl Node {
    /// Without any stream.
    pub(crate) async fn bare() -> Self {
        Self::with_sync(SyncPolicy::Always).await
    }

    pub(crate) async fn with_sync(sync: SyncPolicy) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = ManagedServer::start(StartOptions {
            sync,
            ..StartOptions::new(dir.path())
        });
        Self {
            server: server.await.unwrap(),
            _dir: dir,
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        connect([self.server.client_url()]).await
    }

    /// With the topology.
    pub(crate) async fn ready() -> (Self, Connection, Incarnation) {
        Self::bare().await.provisioned().await
    }

    pub(crate) async fn provisioned(self) -> (Self, Connection, Incarnation) {
        let node = self;
        let connection = node.connect().await;
        let topology = Topology::new(TopologyOptions::SINGLE);
        let incarnation = topology.ensure(&connection).await.unwrap().incarnation;
        (node, connection, incarnation)
    }
}

pub(crate) async fn connect<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Connection {
    let connection = Connection::open(ConnectOptions::new(urls, "tester"));
    connection.await.unwrap()
}

/// A snapshot in memory.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) config: StreamConfig,
    pub(crate) state: StreamState,
    pub(crate) bytes: Vec<u8>,
}

/// Takes a stream; `meanwhile` happens when the snapshot has begun.
pub(crate) async fn take(
    connection: &Connection,
    stream: &str,
    meanwhile: impl AsyncFnOnce(),
) -> Taken {
    let mut snapshot = JetStreamBackup::new(connection)
        .snapshot(stream)
        .await
        .unwrap();
    meanwhile().await;
    let mut bytes = Vec::new();
    while let Some(piece) = snapshot.next().await.unwrap() {
        bytes.extend_from_slice(&piece);
    }
    Taken {
        config: snapshot.config,
        state: snapshot.state,
        bytes,
    }
}

/// Takes the log as it is.
pub(crate) async fn take_log(connection: &Connection) -> Taken {
    take(connection, EVENTS_STREAM, async || {}).await
}

impl Taken {
    /// How the log is configured where it is restored.
    pub(crate) fn released(&self, replicas: Replicas, incarnation: Incarnation) -> StreamConfig {
        restored_log_config(&self.config, replicas, incarnation)
    }

    /// Puts the log back, withheld.
    pub(crate) async fn put(
        &self,
        connection: &Connection,
        released: &StreamConfig,
    ) -> Result<StreamState, BackupError> {
        let mut restoring = self.begin(connection, released).await?;
        for piece in self.bytes.chunks(Restoring::PIECE_BYTES) {
            restoring.push(piece.to_vec()).await?;
        }
        restoring.finish().await
    }

    pub(crate) async fn begin(
        &self,
        connection: &Connection,
        released: &StreamConfig,
    ) -> Result<Restoring, BackupError> {
        let config = withheld_config(released);
        let backup = JetStreamBackup::new(connection);
        backup.restore(EVENTS_STREAM, &config, &self.state).await
    }
}

/// A message as it is stored.
#[derive(Debug, PartialEq)]
pub(crate) struct Stored {
    sequence: u64,
    nanos: i128,
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
}

/// The messages of the log up to this one.
pub(crate) async fn stored(connection: &Connection, last: u64) -> Vec<Stored> {
    let context = connection.jetstream();
    let stream = context.get_stream_no_info(EVENTS_STREAM).await.unwrap();
    let mut found = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        found.push(Stored {
            sequence: message.sequence,
            nanos: message.time.unix_timestamp_nanos(),
            subject: message.subject.to_string(),
            headers: message.headers,
            payload: message.payload,
        });
    }
    found
}

/// Appends the first event of each of these orders.
pub(crate) async fn place(
    connection: &Connection,
    incarnation: Incarnation,
    orders: impl IntoIterator<Item = OrderId>,
) {
    let log = JetStreamLog::open(connection, connection.watch(incarnation));
    for order in orders {
        let base = History::empty(order);
        let placed: Vec<Draft> = drafts(&base, vec![events::order_placed(fixtures::cash())]);
        log.append(&base, placed).await.unwrap();
    }
}

/// Orders that nobody else has.
pub(crate) fn orders(count: usize) -> impl Iterator<Item = OrderId> {
    std::iter::repeat_with(fixtures::order_id).take(count)
}

/// The same, of one shard.
pub(crate) fn orders_of(shard: Shard, count: usize) -> impl Iterator<Item = OrderId> {
    let orders = std::iter::repeat_with(fixtures::order_id);
    orders
        .filter(move |order| Shard::of(*order) == shard)
        .take(count)
}

/// Asks for `wanted` until it is there, within the bound.
pub(crate) async fn eventually<T>(what: &str, mut wanted: impl AsyncFnMut() -> Option<T>) -> T {
    let found = timeout(PATIENCE, async {
        loop {
            match wanted().await {
                Some(found) => return found,
                None => sleep(Duration::from_millis(20)).await,
            }
        }
    });
    found
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}
