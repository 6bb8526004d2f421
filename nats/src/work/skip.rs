//! Passing over events that nobody needs to look at.
//!
//! A queue never loses work by itself, so this is for one who has just written the events and knows that nothing is due for
//! them: a million orders that were loaded as ended.

use bytes::Bytes;
use ordertrace_domain::{Sequence, Shard};
use serde::de::IgnoredAny;
use serde_json::json;

use super::JetStreamWork;
use crate::api::{ApiError, ask};
use crate::subject::EVENTS_STREAM;
use crate::topology::saga_events_name;

impl JetStreamWork {
    /// Sets every shard's queue of events behind this one: those before it are not handed out any more (ADR-60 of NATS).
    ///
    /// # Errors
    /// See [`ApiError`]. Some of the queues may then be set and others not; the same call again sets them all.
    pub async fn begin_after(&self, last: Sequence) -> Result<(), ApiError> {
        let request = Bytes::from(json!({ "seq": last.next().get() }).to_string());
        for shard in Shard::all() {
            let durable = saga_events_name(shard);
            let subject = format!("CONSUMER.RESET.{EVENTS_STREAM}.{durable}");
            let _: IgnoredAny = ask(self.connection.jetstream(), &subject, request.clone()).await?;
        }
        Ok(())
    }
}
