//! What a delivery has come to.

use serde::{Deserialize, Serialize};

use super::{DeliveryCancellationCause, DeliveryEvent};
use crate::{Attempt, Reason};

/// The delivery of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// Nothing to deliver yet.
    NotPrepared,
    /// Ready to go.
    Prepared {
        /// After how many failed attempts it has failed for good.
        attempts_max: Attempt,
    },
    /// On the way.
    Started {
        /// Which attempt.
        attempt: Attempt,
        /// After how many failed attempts it has failed for good.
        attempts_max: Attempt,
    },
    /// Could not be handed over.
    Failed {
        /// Which attempt.
        attempt: Attempt,
        /// After how many failed attempts it has failed for good.
        attempts_max: Attempt,
        /// Why.
        reason: Reason,
    },
    /// Arrived.
    Completed {
        /// With which attempt.
        attempt: Attempt,
    },
    /// Called back.
    Cancelled {
        /// What for.
        cause: DeliveryCancellationCause,
    },
}

impl Delivery {
    /// Whether no goods are out, nor about to go.
    pub const fn is_settled(&self) -> bool {
        match self {
            Self::NotPrepared | Self::Cancelled { .. } => true,
            Self::Prepared { .. }
            | Self::Started { .. }
            | Self::Failed { .. }
            | Self::Completed { .. } => false,
        }
    }

    /// Whether the goods have arrived.
    pub const fn is_completed(&self) -> bool {
        matches!(self, Self::Completed { .. })
    }
}

/// The delivery after an event of the Delivery decider.
pub(crate) fn evolve(delivery: &Delivery, event: &DeliveryEvent) -> Delivery {
    let attempts_max = match delivery {
        Delivery::Prepared { attempts_max }
        | Delivery::Started { attempts_max, .. }
        | Delivery::Failed { attempts_max, .. } => *attempts_max,
        // No decision leads from here to an event that needs the bound.
        Delivery::NotPrepared | Delivery::Completed { .. } | Delivery::Cancelled { .. } => {
            Attempt::FIRST
        }
    };
    match event {
        DeliveryEvent::DeliveryPrepared(event) => Delivery::Prepared {
            attempts_max: event.attempts_max,
        },
        DeliveryEvent::DeliveryStarted(event) => Delivery::Started {
            attempt: event.attempt,
            attempts_max,
        },
        DeliveryEvent::DeliveryCompleted(event) => Delivery::Completed {
            attempt: event.attempt,
        },
        DeliveryEvent::DeliveryFailed(event) => Delivery::Failed {
            attempt: event.attempt,
            attempts_max,
            reason: event.reason.clone(),
        },
        DeliveryEvent::DeliveryCancelled(event) => Delivery::Cancelled { cause: event.cause },
    }
}
