//! Acknowledges work, and makes sure that the server has heard it.

use std::time::Duration;

use async_nats::client::Request;
use async_nats::jetstream::{AckKind, Message};
use async_nats::{RequestError, Subject};
use async_trait::async_trait;
use ordertrace_domain::{LogError, Receipt};
use tokio::time::sleep;

use super::lease::{Lease, Leases};

/// How long the server's word is waited for before it is asked for again.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// With the waits between, longer than a cluster needs to elect a leader; then the work comes again.
const TRIES_MAX: u32 = 4;

/// A consumer without a leader refuses at once; a few of these span an election.
const TRY_AGAIN: Duration = Duration::from_secs(1);

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
        let mut tries = 1;
        loop {
            match self.acknowledge_once().await {
                Ok(()) => return Ok(()),
                Err(error) if tries == TRIES_MAX => {
                    return Err(LogError::Unavailable(error.into()));
                }
                Err(_) => tries += 1,
            }
            sleep(TRY_AGAIN).await;
        }
    }

    async fn acknowledge_once(&self) -> Result<(), RequestError> {
        let request = Request::new()
            .payload(AckKind::Ack.into())
            .timeout(Some(ANSWER_MAX));
        let answer = self
            .lease
            .client()
            .send_request(self.reply.clone(), request);
        answer.await.map(|_| ())
    }
}

#[async_trait]
impl Receipt for JetStreamReceipt {
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError> {
        self.settle().await
    }
}
