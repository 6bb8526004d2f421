//! What the server says of the event stream at a moment.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Info, PersistenceMode};
use bytes::Bytes;
use ordertrace_domain::{FeedError, Incarnation, Sequence};
use tokio::time::Instant;

use crate::api::{ApiError, ask, ask_until};
use crate::identity::StreamIdentity;
use crate::pull::Unopened;
use crate::subject::EVENTS_STREAM;

/// The event stream, as its leader describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamFacts {
    /// Which log it is.
    pub(crate) incarnation: Incarnation,
    /// Where its last message stands.
    pub(crate) last: Sequence,
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
        let cluster = info.cluster.unwrap_or_default();
        let replicas = cluster.replicas.into_iter().map(|peer| peer.name);
        Self {
            incarnation: incarnation_of(info.created.unix_timestamp_nanos()),
            last: Sequence::new(info.state.last_sequence),
            holders: cluster.leader.into_iter().chain(replicas).collect(),
            persists_later: info.config.persist_mode == Some(PersistenceMode::Async),
        }
    }
}

/// A stream is never created before 1970, nor after 2554.
fn incarnation_of(created_nanos: i128) -> Incarnation {
    Incarnation::from_created_nanos(u64::try_from(created_nanos).unwrap_or_default())
}

fn subject() -> String {
    format!("STREAM.INFO.{EVENTS_STREAM}")
}
