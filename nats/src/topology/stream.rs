//! A declared stream. Its serialized form is the server's own configuration of a stream (ADR-31 and its successors).

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::DUPLICATE_WINDOW;

/// A stream as it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreamSpec {
    /// Its name.
    pub name: &'static str,
    /// For whoever looks at the server; not compared.
    pub description: &'static str,
    /// The subjects it stores.
    pub subjects: Vec<String>,
    /// Where it keeps its messages.
    pub storage: Storage,
    /// What makes a message leave it.
    pub retention: Retention,
    /// What happens when it is full.
    pub discard: Discard,
    /// How many servers hold it.
    #[serde(rename = "num_replicas")]
    pub replicas: Replicas,
    /// How large it may grow; `None` for as large as the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// How large a message may be, headers included; `None` for as large as the server takes.
    #[serde(rename = "max_msg_size", skip_serializing_if = "Option::is_none")]
    pub max_message_bytes: Option<u32>,
    /// How many messages of one subject it keeps, the newest; `None` for all.
    #[serde(
        rename = "max_msgs_per_subject",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_messages_per_subject: Option<u64>,
    /// For how long it remembers the ids of messages.
    #[serde(serialize_with = "nanos")]
    pub duplicate_window: Duration,
    /// Whether any replica may answer reads.
    pub allow_direct: bool,
    /// Whether it takes atomic batches.
    pub allow_atomic: bool,
    /// Whether a message may replace all earlier ones of its subject.
    #[serde(rename = "allow_rollup_hdrs")]
    pub allow_rollup: bool,
    /// Whether it takes schedules.
    #[serde(rename = "allow_msg_schedules")]
    pub allow_message_schedules: bool,
    /// Whether a message may say when it is to go.
    #[serde(rename = "allow_msg_ttl")]
    pub allow_message_ttl: bool,
    /// Whether the API refuses to delete a message.
    pub deny_delete: bool,
    /// Whether the API refuses to purge.
    pub deny_purge: bool,
}

impl StreamSpec {
    /// A stream on disk without limits and without any special permission.
    pub(super) fn new(name: &'static str, description: &'static str, replicas: Replicas) -> Self {
        Self {
            name,
            description,
            subjects: Vec::new(),
            storage: Storage::File,
            retention: Retention::Limits,
            discard: Discard::Old,
            replicas,
            max_bytes: None,
            max_message_bytes: None,
            max_messages_per_subject: None,
            duplicate_window: DUPLICATE_WINDOW,
            allow_direct: true,
            allow_atomic: false,
            allow_rollup: false,
            allow_message_schedules: false,
            allow_message_ttl: false,
            deny_delete: false,
            deny_purge: false,
        }
    }
}

/// Where a stream keeps its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// On disk.
    File,
}

/// What makes a message leave a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Retention {
    /// Only a limit of the stream.
    Limits,
}

/// What happens when a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Discard {
    /// The new message is refused.
    New,
    /// The oldest messages go.
    Old,
}

/// How many servers hold a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// One server.
    One,
    /// Three servers; it survives the loss of any one.
    Three,
}

impl Serialize for Replicas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(match self {
            Self::One => 1,
            Self::Three => 3,
        })
    }
}

/// The server counts durations in nanoseconds.
pub(super) fn nanos<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
