//! What was seen of a deployment.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::topology::Survey;

/// What was seen of a deployment, in one look.
#[derive(Debug, Clone)]
pub struct Observations {
    /// What each server says of itself.
    pub servers: Seen<Vec<ServerSeen>>,
    /// The names of the servers that hold the log.
    pub holders: Vec<String>,
    /// How streams and consumers compare with what is declared.
    pub survey: Survey,
    /// The streams, as their leaders see them.
    pub streams: Vec<StreamSeen>,
    /// What each server holds of each stream.
    pub held: Seen<Vec<Held>>,
    /// Who is connected, and what that user may do.
    pub user: Seen<UserSeen>,
    /// Whether the way to the server is encrypted.
    pub is_encrypted: bool,
    /// Whether it leaves this machine.
    pub is_loopback: bool,
}

impl Default for Observations {
    /// Nothing but what can't be missing, over an open connection to elsewhere.
    fn default() -> Self {
        Self {
            servers: Ok(Vec::new()),
            holders: Vec::new(),
            survey: Survey::default(),
            streams: Vec::new(),
            held: Ok(Vec::new()),
            user: Ok(UserSeen::default()),
            is_encrypted: false,
            is_loopback: false,
        }
    }
}

/// What could be seen, or why not.
pub type Seen<T> = Result<T, String>;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSeen {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it writes before it acknowledges; `None` where JetStream is off.
    pub sync_always: Option<bool>,
    /// How far its clock is ahead of ours.
    pub ahead: TimeDelta,
    /// The largest message it takes.
    pub max_payload: u64,
    /// Where its monitoring listens; empty for on all addresses.
    pub monitoring_host: Option<String>,
    /// Where it listens for other servers; empty for on all addresses.
    pub route_host: Option<String>,
    /// Whether it has them encrypt. Whether it has them say a password, it tells nobody.
    pub routes_encrypted: bool,
}

/// A stream as its leader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSeen {
    /// Its name.
    pub name: String,
    /// Whether it acknowledges before it writes, whatever the servers' own setting.
    pub persists_later: bool,
    /// The servers that hold it and do not have all of it, or are away.
    pub lagging: Vec<String>,
}

/// What a server holds of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The server.
    pub server: String,
    /// The stream.
    pub stream: String,
    /// How many messages it has.
    pub messages: u64,
    /// Where the first stands.
    pub first: u64,
    /// Where the last stands.
    pub last: u64,
    /// How many are missing in between, by its own count.
    pub deleted: u64,
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct UserSeen {
    /// Its name, or its public nkey.
    #[serde(default)]
    pub user: String,
    /// What it may do; `None` for everything.
    pub permissions: Option<Grants>,
}

/// What a user may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Grants {
    /// What it may publish to.
    pub publish: Option<Subjects>,
    /// What it may subscribe to.
    pub subscribe: Option<Subjects>,
}

/// Patterns of subjects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Subjects {
    /// What is allowed; `None` for everything.
    pub allow: Option<Vec<String>>,
    /// What is denied all the same.
    #[serde(default)]
    pub deny: Option<Vec<String>>,
}

impl ServerSeen {
    /// Reads what `/varz` says; `now` is our own time.
    pub(super) fn read(body: &[u8], now: DateTime<Utc>) -> Option<Self> {
        let varz: Varz = serde_json::from_slice(body).ok()?;
        let has_monitoring = varz.http_port != 0 || varz.https_port != 0;
        Some(Self {
            name: varz.server_name,
            version: varz.version,
            sync_always: varz.jetstream.config.map(|config| config.sync_always),
            ahead: varz.now - now,
            max_payload: varz.max_payload,
            monitoring_host: has_monitoring.then_some(varz.http_host),
            route_host: (varz.cluster.cluster_port != 0).then_some(varz.cluster.addr),
            routes_encrypted: varz.cluster.tls_required,
        })
    }
}

impl Held {
    /// Reads what `/jsz?streams=true` says; `None` if it is something else.
    pub(super) fn read(body: &[u8], server: &str) -> Option<Vec<Self>> {
        let jsz: Jsz = serde_json::from_slice(body).ok()?;
        let streams = jsz
            .account_details
            .into_iter()
            .flat_map(|account| account.stream_detail);
        let held = streams.map(|StreamDetail { name, state }| Self {
            server: server.to_owned(),
            stream: name,
            messages: state.messages,
            first: state.first_seq,
            last: state.last_seq,
            deleted: state.num_deleted,
        });
        Some(held.collect())
    }
}

#[derive(Deserialize)]
struct Varz {
    server_name: String,
    version: String,
    now: DateTime<Utc>,
    max_payload: u64,
    #[serde(default)]
    http_host: String,
    #[serde(default)]
    http_port: i64,
    #[serde(default)]
    https_port: i64,
    #[serde(default)]
    jetstream: Jetstream,
    #[serde(default)]
    cluster: Cluster,
}

/// Of a server that stands alone it is empty.
#[derive(Deserialize, Default)]
struct Cluster {
    #[serde(default)]
    addr: String,
    #[serde(default)]
    cluster_port: i64,
    #[serde(default)]
    tls_required: bool,
}

#[derive(Deserialize, Default)]
struct Jetstream {
    config: Option<JetstreamConfig>,
}

#[derive(Deserialize)]
struct JetstreamConfig {
    #[serde(default)]
    sync_always: bool,
}

#[derive(Deserialize)]
struct Jsz {
    #[serde(default)]
    account_details: Vec<AccountDetail>,
}

#[derive(Deserialize)]
struct AccountDetail {
    #[serde(default)]
    stream_detail: Vec<StreamDetail>,
}

#[derive(Deserialize)]
struct StreamDetail {
    name: String,
    state: State,
}

#[derive(Deserialize)]
struct State {
    messages: u64,
    first_seq: u64,
    last_seq: u64,
    #[serde(default)]
    num_deleted: u64,
}
