//! A server with the topology, logs over connections of their own, and orders to put in.

use std::process::Command;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream;
use async_nats::jetstream::publish::PublishAck;
use futures::StreamExt;
use ordertrace_domain::testing::fixtures::{self, drafts, events};
use ordertrace_domain::{
    AppendError, Draft, Envelope, Event, EventLog, Freshness, History, OrderId, Version,
};
use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::subject::{EVENTS_STREAM, events_of};
use ordertrace_nats::{
    ConnectOptions, Connection, JetStreamLog, StreamIdentity, Topology, TopologyOptions,
};
use tempfile::TempDir;
use tokio::time::timeout;

/// Far above the budget of an append, and of a server's restart on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// One server with the topology; its folder goes with it.
pub(crate) struct Node {
    pub(crate) server: ManagedServer,
    _dir: TempDir,
}

/// A server that is restarted when it dies.
pub(crate) async fn node() -> Node {
    node_with(TopologyOptions::SINGLE, |_| {}).await
}

/// A server that stays down when it dies.
pub(crate) async fn mortal_node() -> Node {
    node_with(TopologyOptions::SINGLE, |options| options.restarts_max = 0).await
}

pub(crate) async fn node_with(
    topology: TopologyOptions,
    adapt: impl FnOnce(&mut StartOptions),
) -> Node {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StartOptions::new(dir.path());
    adapt(&mut options);
    let server = ManagedServer::start(options).await.unwrap();
    let connection = connect([server.client_url()]).await;
    Topology::new(topology).ensure(&connection).await.unwrap();
    Node { server, _dir: dir }
}

impl Node {
    pub(crate) async fn connection(&self) -> Connection {
        connect([self.server.client_url()]).await
    }

    pub(crate) async fn log(&self) -> JetStreamLog {
        log_over(&self.connection().await).await
    }

    /// Kills the server with SIGKILL.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.server.pid().unwrap().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

pub(crate) async fn connect<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Connection {
    Connection::open(ConnectOptions::new(urls, "test"))
        .await
        .unwrap()
}

/// A log with a cache of its own, on the stream as it is now.
pub(crate) async fn log_over(connection: &Connection) -> JetStreamLog {
    let mut stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    let created = stream.info().await.unwrap().created;
    let nanos = u64::try_from(created.unix_timestamp_nanos()).unwrap();
    let incarnation = ordertrace_domain::Incarnation::from_created_nanos(nanos);
    JetStreamLog::open(connection, StreamIdentity::new(incarnation))
}

/// A new order in cash, not stored yet.
pub(crate) fn placing() -> (History, Vec<Draft>) {
    let base = History::empty(fixtures::order_id());
    let placed = drafts(&base, vec![events::order_placed(fixtures::cash())]);
    (base, placed)
}

/// An event that may follow on any.
pub(crate) fn some_event() -> Event {
    events::delivery_started(1)
}

pub(crate) async fn placed(log: &JetStreamLog) -> History {
    let (base, events) = placing();
    bounded(log.append(&base, events)).await.unwrap()
}

pub(crate) async fn appended(log: &JetStreamLog, base: &History, events: Vec<Event>) -> History {
    bounded(log.append(base, drafts(base, events)))
        .await
        .unwrap()
}

/// An order with as many events as there may be.
pub(crate) async fn longest(log: &JetStreamLog) -> History {
    let mut history = placed(log).await;
    for count in [333, 333, 333] {
        history = appended(log, &history, vec![some_event(); count]).await;
    }
    assert_eq!(history.version(), Version::MAX);
    history
}

/// Stores a message as somebody does who is not this program.
pub(crate) async fn publish(
    connection: &Connection,
    order: OrderId,
    headers: HeaderMap,
    payload: Vec<u8>,
) -> PublishAck {
    let published =
        connection
            .jetstream()
            .publish_with_headers(events_of(order), headers, payload.into());
    published.await.unwrap().await.unwrap()
}

/// The headers that belong to an event.
pub(crate) fn headers_of(envelope: &Envelope) -> HeaderMap {
    let event_type = envelope.event.event_type();
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", envelope.event_id.to_string());
    headers.insert("Ordertrace-Type", event_type.name);
    headers.insert("Ordertrace-Schema", event_type.schema.to_string());
    headers
}

/// Both ways to read an order.
pub(crate) const EITHER: [Freshness; 2] = [Freshness::MayBeStale, Freshness::Current];

pub(crate) async fn load(log: &JetStreamLog, order: OrderId, freshness: Freshness) -> History {
    bounded(log.load(order, freshness)).await.unwrap()
}

pub(crate) async fn bounded<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap()
}

/// Asks again and again until it is so.
pub(crate) async fn until(is_so: impl AsyncFn() -> bool) {
    bounded(async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// Every message of the event stream: subject, headers, payload.
pub(crate) async fn all_messages(connection: &Connection) -> Vec<(String, HeaderMap, Vec<u8>)> {
    let stream = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    let count = stream.get_info().await.unwrap().state.messages;
    let consumer = stream
        .create_consumer(jetstream::consumer::pull::Config {
            ack_policy: jetstream::consumer::AckPolicy::None,
            ..Default::default()
        })
        .await
        .unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let mut found = Vec::new();
    while (found.len() as u64) < count {
        let message = bounded(messages.next()).await.unwrap().unwrap();
        found.push((
            message.subject.to_string(),
            message.headers.clone().unwrap_or_default(),
            message.payload.to_vec(),
        ));
    }
    found
}

/// What a client does after an append without a final answer: looks for its own events, and else tries again.
pub(crate) async fn stored_somehow(
    log: &JetStreamLog,
    base: &History,
    events: Vec<Draft>,
) -> History {
    bounded(async {
        loop {
            match log.append(base, events.clone()).await {
                Ok(after) => return after,
                Err(AppendError::Recreated) => panic!("the stream was re-created"),
                Err(
                    AppendError::Conflict
                    | AppendError::OutcomeUnknown(_)
                    | AppendError::NotStored(_),
                ) => {}
            }
            let command = events[0].envelope.command_id;
            match log.load(base.order_id(), Freshness::Current).await {
                Ok(found) if found.of_command(command).is_some() => return found,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    })
    .await
}
