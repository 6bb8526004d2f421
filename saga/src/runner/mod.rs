//! The saga's runner: takes work off the queue, asks `react`, and does what it says.
//!
//! Invariant: a piece of work is acknowledged only when all that is due for it is done, or waits durably: as an event, as
//! a timer, or parked for an operator. Work of one order is done in turn; orders don't wait for each other. Work that a
//! newer program left behind stays on the queue.

mod effects;
mod failure;
mod handling;
mod meter;
mod shard;
mod upgrade;

use std::sync::Arc;

use ordertrace_domain::{Clock, Executor, FeedError, Parking, Shard, Timers, WorkQueue};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use upgrade::Upgrade;

use crate::{Policy, provider::PaymentProvider};

/// Why the saga stopped though nobody asked it to.
#[derive(Debug, thiserror::Error)]
pub enum SagaError {
    /// The queue ended: the stream is another now, or was tampered with.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The queue of a shard ended without an error, which it never should.
    #[error("the queue of shard {0} ended")]
    QueueEnded(Shard),
    /// A bug: a task ended by a panic. What it was doing was not acknowledged, and is handed out again.
    #[error("a task of the saga failed")]
    Task(#[from] tokio::task::JoinError),
}

/// The saga with all it works on.
#[derive(Clone)]
pub struct Saga {
    /// Carries out its commands.
    pub executor: Executor,
    /// Where its work comes from.
    pub queue: Arc<dyn WorkQueue>,
    /// Sets and cancels its timers.
    pub timers: Arc<dyn Timers>,
    /// Takes the messages it can't handle.
    pub parking: Arc<dyn Parking>,
    /// Charges and refunds cards.
    pub provider: Arc<dyn PaymentProvider>,
    /// Dates the provider's answers.
    pub clock: Arc<dyn Clock>,
    /// The terms of fulfilment.
    pub policy: Policy,
}

impl Saga {
    /// Works on all shards until `shutdown`; then finishes what it has in hand, within a bound.
    ///
    /// # Errors
    /// See [`SagaError`]. The other shards are stopped as well.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), SagaError> {
        // A token of its own: a shard that fails stops the other shards, not the whole process.
        let shutdown = shutdown.child_token();
        let upgrade = Arc::new(Upgrade::default());
        let mut shards = JoinSet::new();
        for shard in Shard::all() {
            shards.spawn(shard::run(
                self.clone(),
                Arc::clone(&upgrade),
                shard,
                shutdown.clone(),
            ));
        }
        let mut result = Ok(());
        while let Some(ended) = shards.join_next().await {
            let ended = ended.map_err(SagaError::from).flatten();
            if result.is_ok() && ended.is_err() {
                shutdown.cancel();
                result = ended;
            }
        }
        result
    }
}
