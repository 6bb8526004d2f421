//! What can be asked of a delivery.

use serde::Serialize;

use super::DeliveryCancellationCause;
use crate::{Attempt, Reason};

/// A command to the Delivery decider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum DeliveryCommand {
    /// The order is paid: get the goods ready.
    PrepareDelivery {
        /// After how many failed attempts the delivery has failed for good.
        attempts_max: Attempt,
    },
    /// The goods go out, for the first time or after a failed attempt.
    StartDelivery,
    /// The goods have arrived.
    CompleteDelivery,
    /// The goods could not be handed over.
    FailDelivery {
        /// Why.
        reason: Reason,
    },
    /// The goods are called back.
    CancelDelivery {
        /// What for.
        cause: DeliveryCancellationCause,
    },
}
