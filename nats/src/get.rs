//! Single messages, by the word of a stream's leader (`$JS.API.STREAM.MSG.GET`): everything that was acknowledged before
//! is in it, which no replica can say.
//!
//! Invariant: an answer is a message that the leader has, or that it has none. What is asked for while a cluster elects a
//! leader is asked again, within a budget.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::RawMessage;
use ordertrace_domain::{Cause, Sequence};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::api::ask_until;
use crate::connection::Connection;

/// How long a read may take: a cluster elects a new leader in five to seven seconds.
const READ_BUDGET: Duration = Duration::from_secs(10);

/// Which message.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Which<'a> {
    /// The last one on a subject.
    Last {
        /// The subject.
        last_by_subj: &'a str,
    },
    /// The first one here or later whose subject matches.
    From {
        /// Where it may stand at the earliest.
        seq: Sequence,
        /// The subject, or a pattern.
        next_by_subj: &'a str,
    },
    /// The first one that was recorded then or later; the server has known this since 2.11.
    Since {
        /// The time, as RFC 3339 writes it.
        start_time: String,
    },
}

#[derive(Deserialize)]
struct Got {
    message: RawMessage,
}

/// The message, if there is such a one.
pub(crate) async fn get(
    connection: &Connection,
    stream: &str,
    which: &Which<'_>,
) -> Result<Option<StreamMessage>, Cause> {
    let deadline = Instant::now() + READ_BUDGET;
    let subject = format!("STREAM.MSG.GET.{stream}");
    let request = serde_json::to_vec(which)?.into();
    match ask_until::<Got>(deadline, connection.jetstream(), &subject, request).await {
        Ok(got) => Ok(Some(got.message.try_into()?)),
        Err(error) if error.code() == Some(ErrorCode::NO_MESSAGE_FOUND) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
