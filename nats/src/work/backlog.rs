//! How much work the saga's consumers have, as the server tells it.

use async_nats::jetstream::Context;
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ordertrace_domain::{Backlog, BacklogKind, Backlogs, LogError, Shard};
use serde::Deserialize;

use super::JetStreamWork;
use crate::api::ask;
use crate::subject::{EVENTS_STREAM, TIMERS_STREAM};
use crate::topology::{saga_events_name, saga_timers_name};

/// How many consumers are asked about at once. There are 32, and an operator's page asks every few seconds.
const ASKED_AT_ONCE: usize = 8;

/// What the server tells of a consumer, as far as it matters here.
#[derive(Deserialize)]
struct ConsumerFacts {
    num_pending: u64,
    num_ack_pending: u64,
    /// How many requests for messages wait.
    #[serde(default)]
    num_waiting: u64,
    #[serde(default)]
    priority_groups: Vec<GroupFacts>,
}

#[derive(Deserialize)]
struct GroupFacts {
    /// The client that is served; none before the first message is handed out.
    #[serde(default)]
    pinned_client_id: String,
}

impl ConsumerFacts {
    /// One that is served asks for more, unless it has its hands full.
    fn is_active(&self) -> bool {
        let is_pinned = |group: &GroupFacts| !group.pinned_client_id.is_empty();
        self.num_waiting > 0
            || (self.num_ack_pending > 0 && self.priority_groups.iter().any(is_pinned))
    }
}

#[async_trait]
impl Backlogs for JetStreamWork {
    async fn backlogs(&self) -> Result<Vec<Backlog>, LogError> {
        if self.identity.is_recreated() {
            return Err(LogError::Recreated);
        }
        let events = Shard::all().map(|shard| (BacklogKind::Events, shard));
        let timers = Shard::all().map(|shard| (BacklogKind::Timers, shard));
        let context = self.connection.jetstream();
        let asked = events
            .chain(timers)
            .map(|(kind, shard)| backlog(context, kind, shard));
        stream::iter(asked.collect::<Vec<_>>())
            .buffered(ASKED_AT_ONCE)
            .try_collect()
            .await
    }
}

async fn backlog(context: &Context, kind: BacklogKind, shard: Shard) -> Result<Backlog, LogError> {
    let (stream, consumer) = match kind {
        BacklogKind::Events => (EVENTS_STREAM, saga_events_name(shard)),
        BacklogKind::Timers => (TIMERS_STREAM, saga_timers_name(shard)),
    };
    let subject = format!("CONSUMER.INFO.{stream}.{consumer}");
    let facts: ConsumerFacts = ask(context, &subject, Bytes::new())
        .await
        .map_err(|error| LogError::Unavailable(error.into()))?;
    Ok(Backlog {
        consumer,
        kind,
        shard,
        waiting: facts.num_pending,
        in_hand: facts.num_ack_pending,
        is_active: facts.is_active(),
    })
}
