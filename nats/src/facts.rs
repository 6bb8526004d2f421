//! What the server says of the event stream at a moment.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Info, PersistenceMode};
use bytes::Bytes;
use ordertrace_domain::{FeedError, Incarnation, LogError, Sequence};
use tokio::time::Instant;

use crate::api::{ApiError, ask, ask_until};
use crate::backup::named_incarnation;
use crate::identity::StreamIdentity;
use crate::pull::Unopened;
use crate::subject::EVENTS_STREAM;

/// How long it is asked for what it is at this moment: longer than a cluster needs to elect a leader.
const CURRENT_BUDGET: Duration = Duration::from_secs(15);

/// The event stream, as its leader describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamFacts {
    /// Which log it is.
    pub(crate) incarnation: Incarnation,
    /// Where its first message stands; zero if there never was one.
    pub(crate) first: Sequence,
    /// Where its last message stands.
    pub(crate) last: Sequence,
    /// How many messages it has.
    pub(crate) messages: u64,
    /// How large it is.
    pub(crate) bytes: u64,
    /// How large it may grow; `None` for as large as the disk.
    pub(crate) bytes_max: Option<u64>,
    /// The names of the servers that hold it; none when the server is no cluster's.
    pub(crate) holders: Vec<String>,
    /// Whether it acknowledges before it writes, whatever the server's own setting.
    pub(crate) persists_later: bool,
}

impl StreamFacts {
    /// Asks the stream's leader, once, and makes sure that the stream is still the same one.
    pub(crate) async fn confirm(
        context: &Context,
        identity: &StreamIdentity,
    ) -> Result<Self, Unopened> {
        let facts = Self::ask(context).await?;
        if identity.confirm(facts.incarnation) {
            Ok(facts)
        } else {
            Err(Unopened::ForGood(FeedError::Recreated))
        }
    }

    /// Asks the stream's leader, again while there is none, and makes sure that the stream is still the same one.
    pub(crate) async fn current(
        context: &Context,
        identity: &StreamIdentity,
    ) -> Result<Self, LogError> {
        let facts = Self::ask_within(CURRENT_BUDGET, context)
            .await
            .map_err(|error| LogError::Unavailable(error.into()))?;
        if identity.confirm(facts.incarnation) {
            Ok(facts)
        } else {
            Err(LogError::Recreated)
        }
    }

    /// Asks the stream's leader, again while there is none, for at most as long as `budget`.
    pub(crate) async fn ask_within(budget: Duration, context: &Context) -> Result<Self, ApiError> {
        let deadline = Instant::now() + budget;
        ask_until(deadline, context, &subject(), Bytes::new())
            .await
            .map(Self::of)
    }

    async fn ask(context: &Context) -> Result<Self, ApiError> {
        ask(context, &subject(), Bytes::new()).await.map(Self::of)
    }

    fn of(info: Info) -> Self {
        let incarnation = incarnation_of(&info);
        let cluster = info.cluster.unwrap_or_default();
        let replicas = cluster.replicas.into_iter().map(|peer| peer.name);
        Self {
            incarnation,
            first: Sequence::new(info.state.first_sequence),
            last: Sequence::new(info.state.last_sequence),
            messages: info.state.messages,
            bytes: info.state.bytes,
            // The server's word for no limit is -1.
            bytes_max: u64::try_from(info.config.max_bytes)
                .ok()
                .filter(|max| *max > 0),
            holders: cluster.leader.into_iter().chain(replicas).collect(),
            persists_later: info.config.persist_mode == Some(PersistenceMode::Async),
        }
    }
}

/// When the stream was created, or the one that it was restored from: never before 1970, nor after 2554.
fn incarnation_of(info: &Info) -> Incarnation {
    named_incarnation(&info.config.metadata).unwrap_or_else(|| {
        let created = info.created.unix_timestamp_nanos();
        Incarnation::from_created_nanos(u64::try_from(created).unwrap_or_default())
    })
}

fn subject() -> String {
    format!("STREAM.INFO.{EVENTS_STREAM}")
}
