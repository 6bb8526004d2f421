//! Reads from any replica: an order's messages in one request (batch direct get, ADR-31).
//!
//! Invariant: a page is taken whole or not at all; the server ends it with a message of its own, so a lost tail is
//! noticed. What it has may lag behind the leader. It deliberately does not try again; [`super::reader`] does.

use std::time::Duration;

use async_nats::{Client, HeaderMap, StatusCode, Subscriber};
use futures::StreamExt;
use ordertrace_domain::{Cause, OrderId, Sequence, Timestamp, Version};
use serde::Serialize;

use super::message::StoredMessage;
use crate::subject::{EVENTS_STREAM, events_of};

/// How long the server may take from one message of a page to the next: reads that touched the disk took up to 75 ms.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// Messages a request: an order's whole history and one more, by which one that is too long is noticed.
const PAGE_MESSAGES: u64 = Version::MAX.get() + 1;
/// The server may end a page early, when it comes to too many bytes; a full history has some 64 MB at the very most.
const PAGES_MAX: usize = 64;
/// Ends a page: the server has sent all that was asked for, or all that fits.
const END_OF_PAGE: u16 = 204;
/// Where a message stands in the stream.
const SEQUENCE: &str = "Nats-Sequence";
/// When a message was stored.
const TIME: &str = "Nats-Time-Stamp";
/// How many messages the server has beyond the page.
const NUM_PENDING: &str = "Nats-Num-Pending";

/// Why a replica gave no page.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// Nobody answers, or not in time.
    #[error("no answer to a direct get within {ANSWER_WAIT:?}")]
    Silent,
    /// No replica serves direct gets at the moment.
    #[error("a direct get was answered with status {0}")]
    Status(StatusCode),
    /// An answer without the headers that every answer has.
    #[error("a direct get was answered without {0}")]
    Header(&'static str),
    /// More pages than any order's history can have.
    #[error("a direct get did not end within {PAGES_MAX} pages")]
    Endless,
}

/// What is sent to `$JS.API.DIRECT.GET.<stream>`.
#[derive(Serialize)]
struct Ask<'a> {
    batch: u64,
    next_by_subj: &'a str,
    seq: u64,
}

/// Asks any replica of the events' stream.
#[derive(Debug)]
pub(super) struct Replica {
    client: Client,
}

impl Replica {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The order's messages after a sequence, as many as a history may have and one more.
    pub(super) async fn after(
        &self,
        order: OrderId,
        sequence: Sequence,
    ) -> Result<Vec<StoredMessage>, Cause> {
        let subject = events_of(order);
        let mut messages = Vec::new();
        for _ in 0..PAGES_MAX {
            let last: Sequence = messages
                .last()
                .map_or(sequence, |message: &StoredMessage| message.sequence);
            let has_more = self.page(&subject, last, &mut messages).await?;
            if !has_more || messages.len() as u64 >= PAGE_MESSAGES {
                return Ok(messages);
            }
        }
        Err(ReplicaError::Endless.into())
    }

    /// Adds one page, and says whether the server has more.
    async fn page(
        &self,
        subject: &str,
        after: Sequence,
        messages: &mut Vec<StoredMessage>,
    ) -> Result<bool, Cause> {
        let ask = Ask {
            batch: PAGE_MESSAGES,
            next_by_subj: subject,
            seq: after.next().get(),
        };
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await?;
        let to = format!("$JS.API.DIRECT.GET.{EVENTS_STREAM}");
        let ask = serde_json::to_vec(&ask)?.into();
        self.client.publish_with_reply(to, inbox, ask).await?;
        // One more for the message that ends the page.
        for _ in 0..=PAGE_MESSAGES {
            match answer(&mut answers).await? {
                Answer::Message(message) => messages.push(message),
                Answer::End { has_more } => return Ok(has_more),
            }
        }
        Err(ReplicaError::Header(NUM_PENDING).into())
    }
}

enum Answer {
    Message(StoredMessage),
    End { has_more: bool },
}

async fn answer(answers: &mut Subscriber) -> Result<Answer, ReplicaError> {
    let message = tokio::time::timeout(ANSWER_WAIT, answers.next())
        .await
        .map_err(|_elapsed| ReplicaError::Silent)?
        .ok_or(ReplicaError::Silent)?;
    let headers = message.headers.unwrap_or_default();
    match message.status {
        None => Ok(Answer::Message(StoredMessage {
            sequence: Sequence::new(number(&headers, SEQUENCE)?),
            recorded_at: time(&headers),
            headers,
            payload: message.payload,
        })),
        Some(StatusCode::NOT_FOUND) => Ok(Answer::End { has_more: false }),
        Some(status) if status == END_OF_PAGE => Ok(Answer::End {
            has_more: number(&headers, NUM_PENDING)? > 0,
        }),
        Some(status) => Err(ReplicaError::Status(status)),
    }
}

/// When the message was stored, as the server writes it (RFC 3339).
fn time(headers: &HeaderMap) -> Option<Timestamp> {
    Timestamp::parse(headers.get_last(TIME)?.as_str()).ok()
}

/// The server adds its headers behind those that were stored, so the last one of a name is the server's.
fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, ReplicaError> {
    headers
        .get_last(name)
        .and_then(|value| value.as_str().parse().ok())
        .ok_or(ReplicaError::Header(name))
}
