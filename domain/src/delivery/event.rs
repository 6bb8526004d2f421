//! What happened to a delivery.

use serde::{Deserialize, Serialize};

use crate::{Attempt, Reason, event::event_group};

event_group! {
    /// An event of the Delivery decider.
    DeliveryEvent {
        DeliveryPrepared @ 1,
        DeliveryStarted @ 1,
        DeliveryCompleted @ 1,
        DeliveryFailed @ 1,
        DeliveryCancelled @ 1,
    }
}

/// The goods are ready to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryPrepared {
    /// After how many failed attempts the delivery has failed for good. It stands here so that a later change of the
    /// configuration does not change what an old order means.
    pub attempts_max: Attempt,
}

/// The goods went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStarted {
    /// Which attempt.
    pub attempt: Attempt,
}

/// The goods have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCompleted {
    /// Which attempt.
    pub attempt: Attempt,
}

/// The goods could not be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFailed {
    /// Which attempt.
    pub attempt: Attempt,
    /// Why.
    pub reason: Reason,
}

/// What a delivery is called back for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryCancellationCause {
    /// The order is being cancelled.
    OrderCancelled,
    /// No attempt is left.
    AttemptsExhausted,
    /// The goods did not arrive in time.
    Overdue,
}

/// The goods were called back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCancelled {
    /// What for.
    pub cause: DeliveryCancellationCause,
}
