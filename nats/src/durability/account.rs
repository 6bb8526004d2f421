//! Reads the servers' own account of their settings.

use std::time::Duration;

use async_nats::Client;
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use tokio::time::timeout;

use crate::api::ApiError;

/// A server that runs answers at once; one that is about to start is waited for elsewhere.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// All servers of a system answer this; only its operator's account may ask, or one that was let.
pub(crate) const ASK_ALL: &str = "$SYS.REQ.SERVER.PING.VARZ";

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) server: String,
    /// `None` where JetStream is off.
    pub(super) jetstream: Option<Writes>,
}

/// When a server writes what it acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Writes {
    /// Absent means not.
    #[serde(default)]
    pub(super) sync_always: bool,
    /// In nanoseconds; of no meaning where it always writes first.
    #[serde(default)]
    pub(super) sync_interval: u64,
}

/// Why the servers' account could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("the event stream's servers could not be found out: {0}")]
    Stream(#[source] ApiError),
    #[error("{url} could not be read: {source}")]
    Http { url: String, source: reqwest::Error },
    #[error("the servers' monitoring can't be read without an HTTP client: {0}")]
    Client(#[source] reqwest::Error),
    #[error("{url} is not the account of a NATS server")]
    NotAnAccount { url: String },
    #[error("no monitoring address was given, and over NATS no server gives an account of itself")]
    NoAddress,
}

#[derive(Deserialize)]
struct Varz {
    server_name: String,
    #[serde(default)]
    jetstream: Jetstream,
}

#[derive(Deserialize, Default)]
struct Jetstream {
    config: Option<Writes>,
}

#[derive(Deserialize)]
struct Answer {
    data: Varz,
}

/// Reads `/varz` at each address.
pub(super) async fn over_http(monitoring: &[String]) -> Result<Vec<Account>, Unread> {
    let bodies = bodies(monitoring, "varz").await?;
    let read = monitoring.iter().zip(bodies).map(|(url, body)| {
        let varz = serde_json::from_slice(&body);
        let varz = varz.map_err(|_| Unread::NotAnAccount { url: url.clone() })?;
        Ok(account(varz))
    });
    read.collect()
}

/// Reads this at each monitoring address, in their order.
pub(crate) async fn bodies(monitoring: &[String], what: &str) -> Result<Vec<Bytes>, Unread> {
    // A proxy of the environment is for the world outside, not for the servers beside us.
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_MAX)
        .build()
        .map_err(Unread::Client)?;
    let mut bodies = Vec::new();
    for url in monitoring {
        let url = format!("{}/{what}", url.trim_end_matches('/'));
        let body = body(&client, &url).await;
        bodies.push(body.map_err(|source| Unread::Http {
            url,
            source: source.without_url(),
        })?);
    }
    Ok(bodies)
}

async fn body(client: &reqwest::Client, url: &str) -> Result<Bytes, reqwest::Error> {
    let answer = client.get(url).send().await?;
    answer.error_for_status()?.bytes().await
}

/// Asks over NATS, until so many servers have answered.
pub(super) async fn over_nats(client: &Client, servers: usize) -> Result<Vec<Account>, Unread> {
    let answers = answers(client, ASK_ALL, "", servers).await;
    let read = answers
        .iter()
        .map_while(|answer| serde_json::from_slice(answer).ok());
    let accounts: Vec<Account> = read.map(|Answer { data }| account(data)).collect();
    if accounts.is_empty() {
        Err(Unread::NoAddress)
    } else {
        Ok(accounts)
    }
}

/// What servers answer over NATS, until so many have or no more do.
pub(crate) async fn answers(
    client: &Client,
    subject: &'static str,
    request: &'static str,
    servers: usize,
) -> Vec<Bytes> {
    let inbox = client.new_inbox();
    let Ok(mut incoming) = client.subscribe(inbox.clone()).await else {
        return Vec::new();
    };
    let asked = client
        .publish_with_reply(subject, inbox, request.into())
        .await;
    let mut answers = Vec::new();
    while asked.is_ok() && answers.len() < servers {
        // No responders are told by an empty message, a denied permission by silence.
        match timeout(ANSWER_MAX, incoming.next()).await {
            Ok(Some(message)) if !message.payload.is_empty() => answers.push(message.payload),
            _ => break,
        }
    }
    answers
}

fn account(varz: Varz) -> Account {
    Account {
        server: varz.server_name,
        jetstream: varz.jetstream.config,
    }
}
