//! A declared durable consumer. Its serialized form is the server's own configuration of a consumer.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::stream::nanos;

/// A durable pull consumer as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsumerSpec {
    /// The stream it reads.
    #[serde(skip)]
    pub stream: &'static str,
    /// Its name.
    pub durable_name: String,
    /// Which of the stream's subjects it reads.
    pub filter_subject: String,
    /// Where it began.
    pub deliver_policy: DeliverPolicy,
    /// How quickly it hands messages out.
    pub replay_policy: ReplayPolicy,
    /// What has to be acknowledged.
    pub ack_policy: AckPolicy,
    /// How long a message may be in hand without a sign of life.
    #[serde(serialize_with = "nanos")]
    pub ack_wait: Duration,
    /// How many messages may be in hand at once.
    pub max_ack_pending: u16,
    /// How often a message is handed out; `None` for until it is acknowledged.
    #[serde(serialize_with = "or_unlimited")]
    pub max_deliver: Option<u32>,
    /// How many requests for messages may wait.
    pub max_waiting: u16,
    /// Who of those that ask is served.
    pub priority_policy: PriorityPolicy,
    /// The groups that may ask.
    pub priority_groups: Vec<String>,
    /// How long the served one may be silent before another takes its place.
    #[serde(serialize_with = "nanos")]
    pub priority_timeout: Duration,
}

/// Where a consumer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverPolicy {
    /// With the first message there is.
    All,
}

/// How quickly a consumer hands messages out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayPolicy {
    /// As quickly as they are asked for.
    Instant,
}

/// What has to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AckPolicy {
    /// Every message by itself.
    Explicit,
}

/// Who is served of those that ask a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorityPolicy {
    /// One client, until it falls silent.
    PinnedClient,
}

/// The server's word for no limit is -1.
fn or_unlimited<S: Serializer>(limit: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(limit.map_or(-1, i64::from))
}
