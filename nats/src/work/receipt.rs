//! Acknowledges work, and makes sure that the server has heard it.

use std::time::Duration;

use async_nats::client::Request;
use async_nats::client::RequestErrorKind;
use async_nats::jetstream::{AckKind, Message};
use async_nats::{RequestError, Subject};
use async_trait::async_trait;
use ordertrace_domain::{LogError, Receipt};
use tokio::time::{Instant, sleep};

use super::lease::{Lease, Leases};
use crate::connection::ANSWER_MAX;

/// Longer than a cluster needs to elect a leader; then the work comes again.
const BUDGET: Duration = Duration::from_secs(12);

/// A consumer without a leader refuses at once: short beside an election, long beside an answer.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// The receipt of one message.
#[derive(Debug)]
pub(super) struct JetStreamReceipt {
    reply: Subject,
    lease: Lease,
}

impl JetStreamReceipt {
    /// `None` for a message that no acknowledgement is wanted of.
    pub(super) fn of(message: &Message, leases: &Leases) -> Option<Self> {
        let reply = message.reply.clone()?;
        Some(Self {
            lease: leases.take(reply.clone()),
            reply,
        })
    }

    /// Acknowledges, until the server has confirmed it.
    pub(super) async fn settle(&self) -> Result<(), LogError> {
        let deadline = Instant::now() + BUDGET;
        let mut link = self.lease.link();
        loop {
            let connects = link.connects();
            let error = tokio::select! {
                biased;
                result = self.acknowledge_once() => match result {
                    Ok(()) => return Ok(()),
                    Err(error) => error,
                },
                // The server's word is lost with its connection.
                _ = link.later_than(connects) => RequestErrorKind::Other.into(),
            };
            if Instant::now() + TRY_AGAIN >= deadline {
                return Err(LogError::Unavailable(error.into()));
            }
            sleep(TRY_AGAIN).await;
        }
    }

    async fn acknowledge_once(&self) -> Result<(), RequestError> {
        let request = Request::new()
            .payload(AckKind::Ack.into())
            .timeout(Some(ANSWER_MAX));
        let client = self.lease.client();
        let answer = client.send_request(self.reply.clone(), request);
        answer.await.map(|_| ())
    }
}

#[async_trait]
impl Receipt for JetStreamReceipt {
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError> {
        self.settle().await
    }
}
