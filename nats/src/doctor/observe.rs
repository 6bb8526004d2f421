//! Looks at a deployment, and changes nothing of it.

use std::time::Duration;

use async_nats::client::Request;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{Info, PersistenceMode};
use bytes::Bytes;
use chrono::Utc;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::seen::{Held, Observations, Seen, ServerSeen, StreamSeen, UserSeen};
use crate::Connection;
use crate::api::ask_until;
use crate::durability::{ASK_ALL, answers, bodies};
use crate::permissions::{HELD_BY_ALL, WHO_AM_I};
use crate::subject::EVENTS_STREAM;
use crate::topology::{Topology, TopologyError};

/// How long the streams are looked at: a cluster elects a leader within as much.
const STREAMS_BUDGET: Duration = Duration::from_secs(15);

/// A server answers at once, or the user may not ask.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// What a server answers over NATS.
#[derive(Deserialize)]
struct Answer {
    server: Server,
    data: Option<Value>,
}

#[derive(Deserialize)]
struct Server {
    name: String,
}

impl Observations {
    /// Looks at everything. `monitoring` has the monitoring addresses of all servers; without them they are asked over
    /// NATS, as far as the user may.
    ///
    /// # Errors
    /// [`TopologyError`], if not even the streams could be looked at.
    pub async fn of(
        connection: &Connection,
        monitoring: &[String],
        topology: &Topology,
    ) -> Result<Self, TopologyError> {
        let survey = topology.survey(connection).await?;
        let mut holders = vec![connection.client().server_info().server_name];
        let mut streams = Vec::new();
        for spec in &topology.streams {
            let Some(info) = info(connection, spec.name).await else {
                continue;
            };
            if spec.name == EVENTS_STREAM && info.cluster.as_ref().is_some_and(is_clustered) {
                holders = members(&info);
            }
            streams.push(stream(spec.name, &info));
        }
        let (servers, held) = servers(connection, monitoring, holders.len()).await;
        Ok(Self {
            servers,
            held,
            holders,
            survey,
            streams,
            user: user(connection).await,
            is_encrypted: connection.is_encrypted(),
            is_loopback: connection.is_loopback(),
        })
    }
}

/// One that is not there is in the survey.
async fn info(connection: &Connection, stream: &str) -> Option<Info> {
    let deadline = Instant::now() + STREAMS_BUDGET;
    let subject = format!("STREAM.INFO.{stream}");
    let info = ask_until(deadline, connection.jetstream(), &subject, Bytes::new()).await;
    info.inspect_err(|error| {
        if error.code() != Some(ErrorCode::STREAM_NOT_FOUND) {
            tracing::warn!(stream.name = stream, %error, "the stream could not be looked at");
        }
    })
    .ok()
}

/// A server that stands alone names itself as a leader, but no cluster.
fn is_clustered(cluster: &async_nats::jetstream::stream::ClusterInfo) -> bool {
    cluster.name.is_some()
}

fn members(info: &Info) -> Vec<String> {
    let cluster = info.cluster.iter();
    let members = cluster.flat_map(|cluster| {
        let replicas = cluster.replicas.iter().map(|peer| peer.name.clone());
        cluster.leader.clone().into_iter().chain(replicas)
    });
    members.collect()
}

fn stream(name: &str, info: &Info) -> StreamSeen {
    let replicas = info.cluster.iter().flat_map(|cluster| &cluster.replicas);
    let lagging = replicas.filter(|peer| !peer.current || peer.offline);
    StreamSeen {
        name: name.to_owned(),
        persists_later: info.config.persist_mode == Some(PersistenceMode::Async),
        lagging: lagging.map(|peer| peer.name.clone()).collect(),
    }
}

/// What the servers say of themselves, and what they hold.
async fn servers(
    connection: &Connection,
    monitoring: &[String],
    count: usize,
) -> (Seen<Vec<ServerSeen>>, Seen<Vec<Held>>) {
    if monitoring.is_empty() {
        let servers = over_nats(connection, ASK_ALL, "{}", count).await;
        let servers = servers.and_then(|answers| read_servers(&answers));
        let held = over_nats(connection, HELD_BY_ALL, r#"{"streams":true}"#, count).await;
        return (servers, held.and_then(|answers| read_held(&answers)));
    }
    let servers = over_http(monitoring, "varz").await;
    let servers = servers.and_then(|bodies| read_servers(&named("", bodies)));
    let held = over_http(monitoring, "jsz?streams=true").await;
    let held = held.and_then(|bodies| {
        let names = servers.clone()?.into_iter().map(|server| server.name);
        read_held(&names.zip(bodies).collect::<Vec<_>>())
    });
    (servers, held)
}

fn named(name: &str, bodies: Vec<Bytes>) -> Vec<(String, Bytes)> {
    let named = bodies.into_iter().map(|body| (name.to_owned(), body));
    named.collect()
}

fn read_servers(answers: &[(String, Bytes)]) -> Seen<Vec<ServerSeen>> {
    let servers = answers
        .iter()
        .map(|(_, body)| ServerSeen::read(body, Utc::now()));
    servers.collect::<Option<_>>().ok_or_else(unreadable)
}

fn read_held(answers: &[(String, Bytes)]) -> Seen<Vec<Held>> {
    let held = answers
        .iter()
        .map(|(server, body)| Held::read(body, server));
    let held: Option<Vec<Vec<Held>>> = held.collect();
    held.map(|held| held.concat()).ok_or_else(unreadable)
}

fn unreadable() -> String {
    "the answer is not that of a NATS server".to_owned()
}

async fn over_http(monitoring: &[String], what: &str) -> Seen<Vec<Bytes>> {
    let bodies = bodies(monitoring, what).await;
    bodies.map_err(|error| error.to_string())
}

/// The answers with the names of those who gave them.
async fn over_nats(
    connection: &Connection,
    subject: &'static str,
    request: &'static str,
    count: usize,
) -> Seen<Vec<(String, Bytes)>> {
    let answers = answers(connection.client(), subject, request, count).await;
    let read = answers.iter().map(|answer| {
        let answer: Answer = serde_json::from_slice(answer).ok()?;
        Some((answer.server.name, answer.data?.to_string().into()))
    });
    let read: Option<Vec<_>> = read.collect();
    match read {
        Some(read) if !read.is_empty() => Ok(read),
        _ => Err("no monitoring address was given, and over NATS no server answers".to_owned()),
    }
}

async fn user(connection: &Connection) -> Seen<UserSeen> {
    let request = Request::new()
        .payload(Bytes::new())
        .timeout(Some(ANSWER_WAIT));
    let answer = connection.client().send_request(WHO_AM_I, request).await;
    let answer = answer.map_err(|error| error.to_string())?;
    data(&answer.payload).ok_or_else(unreadable)
}

fn data<T: DeserializeOwned>(answer: &[u8]) -> Option<T> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    serde_json::from_value(answer.data?).ok()
}
