//! Parks messages that could not be handled: a durable pointer to each.
//!
//! Invariant: one pointer for each consumer and message, for ever; the first one stays.

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_EXPECTED_STREAM};
use async_trait::async_trait;
use ordertrace_domain::{LogError, Parked, Parking};
use serde::Serialize;

use crate::connection::Connection;
use crate::publish::{Outgoing, Published, publish};
use crate::subject::{self, DLQ_STREAM};

/// A consumer's name that can't stand in a subject: a mistake of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name for a consumer: lowercase letters, digits and hyphens")]
pub struct InvalidConsumerName(String);

/// [`Parking`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamParking {
    connection: Connection,
}

/// What stands in the stream of parked messages: JSON, for whoever looks with the `nats` CLI.
#[derive(Serialize)]
struct Pointer<'a> {
    sequence: u64,
    order_id: Option<String>,
    consumer: &'a str,
    reason: &'a str,
    attempts: u32,
}

impl JetStreamParking {
    /// The topology must be there.
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
        }
    }
}

#[async_trait]
impl Parking for JetStreamParking {
    async fn park(&self, parked: Parked) -> Result<(), LogError> {
        let message = outgoing(&parked).map_err(|error| LogError::Unavailable(error.into()))?;
        let published = publish(&self.connection, &message);
        match published.await.map_err(LogError::Unavailable)? {
            Published::Stored => tracing::warn!(
                consumer.name = parked.consumer,
                log.position = parked.sequence.get(),
                order.id = parked.order_id.map(tracing::field::display),
                reason = parked.reason,
                "a message is parked"
            ),
            Published::Conflict => tracing::debug!(
                consumer.name = parked.consumer,
                log.position = parked.sequence.get(),
                "the message was parked before"
            ),
        }
        Ok(())
    }
}

fn outgoing(parked: &Parked) -> Result<Outgoing, InvalidConsumerName> {
    if !is_token(&parked.consumer) {
        return Err(InvalidConsumerName(parked.consumer.clone()));
    }
    let mut headers = HeaderMap::new();
    headers.insert(NATS_EXPECTED_STREAM, DLQ_STREAM);
    // Only the first pointer is stored; a repeat finds it there.
    headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
    Ok(Outgoing {
        subject: subject::parked(&parked.consumer, parked.sequence.get()),
        headers,
        payload: pointer(parked).into(),
    })
}

#[expect(
    clippy::expect_used,
    reason = "a pointer is plain data with named fields: it has a JSON form"
)]
fn pointer(parked: &Parked) -> Vec<u8> {
    let pointer = Pointer {
        sequence: parked.sequence.get(),
        order_id: parked.order_id.map(|order| order.to_string()),
        consumer: &parked.consumer,
        reason: &parked.reason,
        attempts: parked.attempts,
    };
    serde_json::to_vec(&pointer).expect("a pointer has a JSON form")
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::Sequence;
    use rstest::rstest;

    fn parked(consumer: &str) -> Parked {
        Parked {
            sequence: Sequence::new(7),
            order_id: None,
            consumer: consumer.to_owned(),
            reason: "no \"reason\"".to_owned(),
            attempts: 3,
        }
    }

    #[test]
    fn a_pointer_is_json_under_the_name_of_its_consumer() {
        let message = outgoing(&parked("saga")).unwrap();
        assert_eq!(message.subject, "ordertrace.dlq.saga.7");
        assert_eq!(
            message.payload,
            br#"{"sequence":7,"order_id":null,"consumer":"saga","reason":"no \"reason\"","attempts":3}"#
                .as_slice()
        );
    }

    #[rstest]
    #[case("")]
    #[case("*")]
    #[case("a.b")]
    #[case("a b")]
    fn a_name_that_would_change_the_subject_is_refused(#[case] name: &str) {
        assert!(outgoing(&parked(name)).is_err());
    }
}
