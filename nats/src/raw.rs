//! Publishes with nothing of ours around them: what `ordertrace bench` compares an append with.
//!
//! Invariant: what goes over the wire is what an append of the same events sends, byte for byte, with the same expectation.
//! It deliberately has no retries, no turns and no batches, and is of no use but to measure.

use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use ordertrace_domain::{Draft, History, Sequence};

use crate::connection::Connection;
use crate::log::{Decision, Message};

/// How long an answer may take: hundreds of publishes at once wait for one another's syncs.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// One event, ready to be sent.
#[derive(Debug)]
pub struct Prepared {
    subject: String,
    message: Message,
}

impl Prepared {
    /// The first of these events, which follow on this history; `None` of none.
    pub fn new(base: &History, events: &[Draft]) -> Option<Self> {
        let mut decision = Decision::new(base, events.get(..1)?);
        Some(Self {
            message: decision.messages.pop()?,
            subject: decision.subject,
        })
    }
}

/// Sends single events as async-nats does.
#[derive(Debug, Clone)]
pub struct RawPublisher {
    jetstream: Context,
}

/// Why a raw publish has no acknowledgement.
#[derive(Debug, thiserror::Error)]
#[error("a raw publish failed")]
pub struct RawPublishError(#[source] Box<dyn Error + Send + Sync>);

impl RawPublisher {
    /// A publisher on this connection.
    pub fn new(connection: &Connection) -> Self {
        Self {
            jetstream: ContextBuilder::new()
                .timeout(ANSWER_WAIT)
                .build(connection.client().clone()),
        }
    }

    /// Sends an event and waits until it is acknowledged.
    ///
    /// # Errors
    /// It was not acknowledged, for whatever reason.
    pub async fn publish(&self, event: Prepared) -> Result<Sequence, RawPublishError> {
        let Message { headers, payload } = event.message;
        let sent = self
            .jetstream
            .publish_with_headers(event.subject, headers, payload);
        let sent = sent
            .await
            .map_err(|error| RawPublishError(Box::new(error)))?;
        let acknowledged = sent
            .await
            .map_err(|error| RawPublishError(Box::new(error)))?;
        Ok(Sequence::new(acknowledged.sequence))
    }
}
