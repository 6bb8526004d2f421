//! What the tests of the adapters share: a server of their own, connections to it, and events to store.

pub(crate) mod gag;
pub(crate) mod handmade;
pub(crate) mod items;
pub(crate) mod queue;
pub(crate) mod roles;

use std::future::Future;
use std::process::Command;
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use futures::StreamExt;
use futures::stream::BoxStream;
use ordertrace_domain::testing::fixtures;
use ordertrace_domain::{Draft, Event, FeedError, History, OrderId, Sequence, Shard};
use ordertrace_nats::managed::{ManagedServer, StartOptions, SyncPolicy};
use ordertrace_nats::subject::events_of;
use ordertrace_nats::{ConnectOptions, Connection, StreamIdentity, Topology, TopologyOptions};
use tempfile::TempDir;

/// What a test waits for takes seconds at most on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a data folder of its own; both go with it.
pub(crate) struct Rig {
    pub(crate) server: ManagedServer,
    _data_dir: TempDir,
}

impl Rig {
    /// A server that writes before it acknowledges, without any stream.
    pub(crate) async fn bare() -> Self {
        Self::with_sync(SyncPolicy::Always).await
    }

    pub(crate) async fn with_sync(sync: SyncPolicy) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let server = ManagedServer::start(StartOptions {
            sync,
            ..StartOptions::new(data_dir.path())
        });
        Self {
            server: server.await.unwrap(),
            _data_dir: data_dir,
        }
    }

    /// A new connection, as another process would make it.
    pub(crate) async fn connect(&self) -> Connection {
        connect(&[self.server.client_url().to_owned()]).await
    }

    /// A connection to a server that has the topology, and the log that is there.
    pub(crate) async fn ready(&self) -> (Connection, StreamIdentity) {
        let connection = self.connect().await;
        let identity = provision(&connection, TopologyOptions::SINGLE).await;
        (connection, identity)
    }

    /// Kills the server with SIGKILL and waits until another one runs in its place.
    pub(crate) async fn kill_and_wait(&self) {
        let pid = self.kill();
        eventually("another server", || async {
            self.server.pid().filter(|now| *now != pid)
        })
        .await;
    }

    /// Kills the server with SIGKILL; it is started again by its supervisor.
    pub(crate) fn kill(&self) -> u32 {
        let pid = self.server.pid().unwrap();
        kill_9(pid);
        pid
    }
}

pub(crate) async fn connect(urls: &[String]) -> Connection {
    Connection::open(ConnectOptions::new(urls.to_vec(), "tester"))
        .await
        .unwrap()
}

pub(crate) async fn provision(connection: &Connection, options: TopologyOptions) -> StreamIdentity {
    let provisioned = Topology::new(options).ensure(connection).await.unwrap();
    connection.watch(provisioned.incarnation)
}

/// Asks for `wanted` until it is there, within the bound.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut wanted: impl FnMut() -> F,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = wanted().await {
            return value;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn kill_9(pid: u32) {
    // The shell's own `kill`, for a slim machine has no other.
    let status = Command::new("/bin/sh")
        .args(["-c", "kill -KILL \"$1\"", "sh", &pid.to_string()])
        .status();
    assert!(status.unwrap().success(), "no process {pid} to kill");
}

/// The next item of a stream, within the bound.
pub(crate) async fn next<T>(stream: &mut BoxStream<'static, Result<T, FeedError>>) -> T {
    next_result(stream).await.unwrap()
}

/// The next item or error of a stream, within the bound.
pub(crate) async fn next_result<T>(
    stream: &mut BoxStream<'static, Result<T, FeedError>>,
) -> Result<T, FeedError> {
    let next = tokio::time::timeout(PATIENCE, stream.next()).await;
    next.unwrap().unwrap()
}

/// An order of this shard that nobody else has.
pub(crate) fn order_of(shard: Shard) -> OrderId {
    std::iter::repeat_with(fixtures::order_id)
        .find(|order| Shard::of(*order) == shard)
        .unwrap()
}

pub(crate) fn shard(number: u8) -> Shard {
    Shard::all().nth(usize::from(number)).unwrap()
}

/// The first event of an order.
pub(crate) fn placed(order: OrderId) -> Draft {
    let events: Vec<Event> = vec![fixtures::events::order_placed(fixtures::cash())];
    fixtures::drafts(&History::empty(order), events).remove(0)
}

/// The headers that belong to an event.
pub(crate) fn headers(draft: &Draft) -> HeaderMap {
    let event_type = draft.envelope.event.event_type();
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", draft.envelope.event_id.to_string());
    headers.insert("Ordertrace-Type", event_type.name);
    headers.insert("Ordertrace-Schema", event_type.schema.to_string());
    headers
}

/// Stores a message as it is, again until it is acknowledged; a repeat within two minutes is stored once.
pub(crate) async fn store(
    context: &Context,
    subject: &str,
    headers: &HeaderMap,
    payload: &[u8],
) -> Sequence {
    let number = eventually("an acknowledgement", || async {
        let sent = context.publish_with_headers(
            subject.to_owned(),
            headers.clone(),
            payload.to_vec().into(),
        );
        let acknowledgement = sent.await.ok()?.await.ok()?;
        Some(acknowledgement.sequence)
    });
    Sequence::new(number.await)
}

/// Stores the first event of an order.
pub(crate) async fn place(context: &Context, order: OrderId) -> Sequence {
    let draft = placed(order);
    store(context, &events_of(order), &headers(&draft), &draft.payload).await
}
