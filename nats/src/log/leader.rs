//! Reads from the stream's leader: everything that was acknowledged before is in them.
//!
//! One message at a time: the leader's API has no batches. It deliberately does not try again; [`super::reader`] does.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{RawMessageError, RawMessageErrorKind, Stream};
use ordertrace_domain::{Cause, OrderId, Sequence};

use super::message::StoredMessage;
use crate::delivered::recorded_at;
use crate::subject::{EVENTS_STREAM, events_of};

/// How long the leader may take to answer. Without a leader nobody answers.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// Asks the leader of the events' stream (`$JS.API.STREAM.MSG.GET`).
#[derive(Debug)]
pub(super) struct Leader {
    context: Context,
}

impl Leader {
    pub(super) fn new(client: Client) -> Self {
        let context = ContextBuilder::new().timeout(ANSWER_WAIT).build(client);
        Self { context }
    }

    /// The order's last message.
    pub(super) async fn last(&self, order: OrderId) -> Result<Option<StoredMessage>, Cause> {
        let stream = self.stream().await?;
        found(
            stream
                .get_last_raw_message_by_subject(&events_of(order))
                .await,
        )
    }

    /// The order's first message after a sequence.
    pub(super) async fn next(
        &self,
        order: OrderId,
        after: Sequence,
    ) -> Result<Option<StoredMessage>, Cause> {
        let stream = self.stream().await?;
        let from = after.next().get();
        found(
            stream
                .get_first_raw_message_by_subject(events_of(order), from)
                .await,
        )
    }

    /// A handle, without asking the server for the stream: a role that only reads may not.
    async fn stream(&self) -> Result<Stream<()>, Cause> {
        Ok(self.context.get_stream_no_info(EVENTS_STREAM).await?)
    }
}

fn found(answer: Result<StreamMessage, RawMessageError>) -> Result<Option<StoredMessage>, Cause> {
    match answer {
        Ok(message) => Ok(Some(StoredMessage {
            sequence: Sequence::new(message.sequence),
            headers: message.headers,
            payload: message.payload,
            recorded_at: Some(recorded_at(message.time.unix_timestamp_nanos()).to_timestamp()),
        })),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
