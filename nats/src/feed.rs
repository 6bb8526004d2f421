//! The log from first to last, as events.
//!
//! Invariant: every message is handed on once, in order, without a hole; the stream is the one it was at the start. How
//! that is done is [`crate::follower`]'s.

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use ordertrace_domain::{EventFeed, FeedError, FeedItem, Incarnation, LogError, Sequence};

use crate::connection::Connection;
use crate::facts::StreamFacts;
use crate::follower::{Part, follow};
use crate::identity::StreamIdentity;

/// [`EventFeed`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamFeed {
    connection: Connection,
    identity: StreamIdentity,
}

impl JetStreamFeed {
    /// The feed of the stream that the identity names.
    pub fn new(connection: &Connection, identity: StreamIdentity) -> Self {
        Self {
            connection: connection.clone(),
            identity,
        }
    }
}

#[async_trait]
impl EventFeed for JetStreamFeed {
    fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        let facts = StreamFacts::current(self.connection.jetstream(), &self.identity).await?;
        Ok(facts.last)
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        let part = Part {
            after,
            upto: None,
            of: None,
        };
        let messages = follow(&self.connection, &self.identity, part);
        messages.map_ok(|delivered| delivered.event()).boxed()
    }
}
