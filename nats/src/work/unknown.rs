//! Timers whose subject can't be read: set by somebody else, or by a later version of this program. They can wake nobody
//! here, so they are parked under the name of their own consumer.
//!
//! Invariant: nobody waits for that. The pump goes on asking, so its shard stays with this process, and all other timers
//! go off in time, even while nothing can be parked. A timer that could not be parked comes again.

use std::error::Error;

use ordertrace_domain::{LogError, Parked, Parking};
use tokio::task::JoinSet;

use super::receipt::JetStreamReceipt;
use crate::delivered::Delivered;
use crate::parking::JetStreamParking;

/// How many are being parked at once. There are hardly ever any; should somebody write thousands, parking must not crowd
/// out the work. The server hands the others out again after its patience.
const PARKED_AT_ONCE: usize = 16;

/// Parks the unknown timers of one consumer. What is under way ends with it, and comes again.
#[derive(Debug)]
pub(super) struct UnknownTimers {
    durable: String,
    parking: JetStreamParking,
    under_way: JoinSet<()>,
}

impl UnknownTimers {
    /// Those of the durable consumer of this name.
    pub(super) fn new(durable: &str, parking: JetStreamParking) -> Self {
        Self {
            durable: durable.to_owned(),
            parking,
            under_way: JoinSet::new(),
        }
    }

    /// Has a timer parked, or leaves it to come again when too many are under way.
    pub(super) fn take(&mut self, delivered: &Delivered, receipt: JetStreamReceipt) {
        // What has ended has told how; one that panicked was told by the panic itself, and its timer comes again.
        while self.under_way.try_join_next().is_some() {}
        if self.under_way.len() >= PARKED_AT_ONCE {
            tracing::debug!(
                consumer.name = self.durable,
                message.sequence = delivered.sequence.get(),
                "a timer can't be read and is left to come again: others are being parked"
            );
            return;
        }
        let parked = Parked {
            sequence: delivered.sequence,
            order_id: None,
            consumer: self.durable.clone(),
            reason: format!("the subject {:?} names no timer", delivered.subject),
            attempts: 1,
        };
        self.under_way
            .spawn(park(self.parking.clone(), parked, receipt));
    }
}

async fn park(parking: JetStreamParking, parked: Parked, receipt: JetStreamReceipt) {
    let sequence = parked.sequence.get();
    let (consumer, reason) = (parked.consumer.clone(), parked.reason.clone());
    match park_and_settle(&parking, parked, receipt).await {
        Ok(()) => tracing::error!(
            consumer.name = consumer,
            message.sequence = sequence,
            reason,
            "a timer can't be read and is parked for an operator"
        ),
        Err(error) => tracing::warn!(
            consumer.name = consumer,
            message.sequence = sequence,
            reason,
            error = &error as &dyn Error,
            "a timer that can't be read could not be parked yet: it comes again"
        ),
    }
}

async fn park_and_settle(
    parking: &JetStreamParking,
    parked: Parked,
    receipt: JetStreamReceipt,
) -> Result<(), LogError> {
    parking.park(parked).await?;
    receipt.settle().await
}
