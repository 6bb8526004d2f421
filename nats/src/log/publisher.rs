//! One try: one decision or several, as a plain publish or as one atomic batch.
//!
//! Invariant: all messages of a try are stored, or none. A batch has an id of its own at every try (ADR-50: the server
//! forgets one that was not committed). It deliberately does not try again.

use std::time::Duration;

use async_nats::header::{
    NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE,
};
use async_nats::{Client, Message as Reply, Request, RequestError};
use uuid::Uuid;

use super::answer::{Answer, NoAnswer, classify};
use super::message::{Decision, Message};
use super::meter;
use crate::connection::{Connection, Link};

/// Sends decisions to the stream.
#[derive(Debug)]
pub(super) struct Publisher {
    client: Client,
    link: Link,
}

impl Publisher {
    pub(super) fn new(connection: &Connection) -> Self {
        Self {
            client: connection.client().clone(),
            link: connection.link(),
        }
    }

    /// The connection that tries go out on.
    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Sends the decisions, each of another order, and waits so long for the answer.
    pub(super) async fn send(&self, decisions: &[&Decision], wait: Duration) -> Answer {
        let mut link = self.link.clone();
        let connection = link.connects();
        let exchange = self.exchange(decisions);
        let answer = tokio::select! {
            biased;
            answer = exchange => answer,
            () = link.lost(connection) => Answer::InDoubt(NoAnswer::ConnectionLost.into()),
            () = tokio::time::sleep(wait) => Answer::InDoubt(NoAnswer::TimedOut(wait).into()),
        };
        meter::tried(decisions.len(), &answer);
        answer
    }

    async fn exchange(&self, decisions: &[&Decision]) -> Answer {
        let mut messages: Vec<(&str, Message)> = decisions
            .iter()
            .flat_map(|decision| {
                let subject = decision.subject.as_str();
                decision
                    .messages
                    .iter()
                    .map(move |message| (subject, message.clone()))
            })
            .collect();
        let count = messages.len() as u64;
        if count > 1 {
            mark_as_batch(&mut messages);
        }
        let Some((last_subject, last)) = messages.pop() else {
            return Answer::Refused("a try without messages".into());
        };
        for (subject, Message { headers, payload }) in messages {
            // Only the last message of a batch is answered. To wait for the first as well costs a round trip.
            let sent = self
                .client
                .publish_with_headers(subject.to_owned(), headers, payload)
                .await;
            if let Err(error) = sent {
                // Without its last message no batch is ever committed.
                return Answer::Refused(error.into());
            }
        }
        classify(self.request(last_subject, last).await, count)
    }

    /// [`Self::send`] bounds the wait for the answer.
    async fn request(&self, subject: &str, message: Message) -> Result<Reply, RequestError> {
        let request = Request::new()
            .headers(message.headers)
            .payload(message.payload)
            .timeout(None);
        self.client.send_request(subject.to_owned(), request).await
    }
}

fn mark_as_batch(messages: &mut [(&str, Message)]) {
    let id = Uuid::now_v7().to_string();
    for (index, (_, message)) in messages.iter_mut().enumerate() {
        message.headers.insert(NATS_BATCH_ID, id.as_str());
        message
            .headers
            .insert(NATS_BATCH_SEQUENCE, (index + 1).to_string());
    }
    if let Some((_, last)) = messages.last_mut() {
        last.headers
            .insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
    }
}
