//! Publishes what may be published twice: timers and parked pointers. Events go another way, with an expectation.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use bytes::Bytes;
use ordertrace_domain::Cause;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;

/// Longer than a cluster needs to elect a leader, three times over.
const BUDGET: Duration = Duration::from_secs(15);

/// Short beside an election, long beside an answer.
const TRY_AGAIN: Duration = Duration::from_millis(250);

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// It is stored.
    Stored,
    /// Not as it was expected: another message of this subject is there.
    Conflict,
}

/// A message to be published; the same bytes at every try.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

/// Publishes until it is acknowledged or refused, within a budget.
pub(crate) async fn publish(
    connection: &Connection,
    message: &Outgoing,
) -> Result<Published, Cause> {
    let deadline = Instant::now() + BUDGET;
    loop {
        match publish_once(connection, message).await {
            Ok(()) => return Ok(Published::Stored),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                return Ok(Published::Conflict);
            }
            Err(error) if !is_passing(&error) || Instant::now() + TRY_AGAIN >= deadline => {
                return Err(error.into());
            }
            Err(_) => sleep(TRY_AGAIN).await,
        }
    }
}

/// The acknowledgement is lost with its connection: on a new one there is no use in waiting for it.
async fn publish_once(connection: &Connection, message: &Outgoing) -> Result<(), PublishError> {
    let Outgoing {
        subject,
        headers,
        payload,
    } = message.clone();
    let mut link = connection.link();
    let connects = link.connects();
    let context = connection.jetstream();
    let acknowledgement = context
        .publish_with_headers(subject, headers, payload)
        .await?;
    tokio::select! {
        biased;
        result = acknowledgement => result.map(|_| ()),
        _ = link.later_than(connects) => Err(PublishError::new(PublishErrorKind::BrokenPipe)),
    }
}

/// Whether the same message may be stored a moment later. The server's refusals stay, but for 503: no leader, or the
/// same subject in flight.
fn is_passing(error: &PublishError) -> bool {
    use std::error::Error;
    match error.kind() {
        PublishErrorKind::TimedOut
        | PublishErrorKind::BrokenPipe
        | PublishErrorKind::StreamNotFound
        | PublishErrorKind::MaxAckPending => true,
        _ => error
            .source()
            .and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>())
            .is_some_and(|refusal| {
                refusal.code() == 503 || IN_FLIGHT.contains(&refusal.error_code().0)
            }),
    }
}

/// Not a refusal, but a message of the same subject or id that is not settled yet (clusters only).
const IN_FLIGHT: [u64; 2] = [10_158, 10_164];
