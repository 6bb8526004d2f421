//! What an order has come to, folded from its events.

use serde::{Deserialize, Serialize};

use super::{CancellationCause, OrderEvent, OrderPlaced, RejectionCause};
use crate::{Delivery, Payment, Rejection, Version};

/// An order as its log tells it: nothing yet, or an order with its payment and its delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderState {
    /// There is no such order.
    #[default]
    Absent,
    /// It was placed.
    Placed(Box<Order>),
}

/// An order that was placed. Its payment and its delivery are parts of it: one history, one order of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// How many events it has.
    pub version: Version,
    /// What was ordered.
    pub placed: OrderPlaced,
    /// How far it has come.
    pub phase: Phase,
    /// Its payment.
    pub payment: Payment,
    /// Its delivery.
    pub delivery: Delivery,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On its way.
    Open,
    /// To be undone.
    Cancelling(CancellationCause),
    /// Ended without goods or money.
    Cancelled(CancellationCause),
    /// Ended, because it was not paid.
    Rejected(RejectionCause),
    /// Ended, paid and delivered.
    Completed,
}

impl Phase {
    /// Whether nothing is to happen any more.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Open | Self::Cancelling(_) => false,
            Self::Cancelled(_) | Self::Rejected(_) | Self::Completed => true,
        }
    }
}

impl OrderState {
    /// The order, if it was placed.
    pub fn order(&self) -> Option<&Order> {
        match self {
            Self::Absent => None,
            Self::Placed(order) => Some(order),
        }
    }

    /// The order, or the rejection that there is none.
    pub(crate) fn placed(&self) -> Result<&Order, Rejection> {
        self.order().ok_or(Rejection::OrderNotFound)
    }

    /// How many events it has.
    pub fn version(&self) -> Version {
        self.order().map_or(Version::NONE, |order| order.version)
    }
}

impl Order {
    /// Checks that the order is on its way: not ended, and not to be undone.
    pub(crate) fn underway(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Cancelling(_) => Err(Rejection::OrderBeingCancelled),
            Phase::Cancelled(_) => Err(Rejection::OrderAlreadyCancelled),
            Phase::Rejected(_) => Err(Rejection::OrderAlreadyRejected),
            Phase::Completed => Err(Rejection::OrderAlreadyCompleted),
        }
    }
}

/// The phase after an event of the Order decider. `OrderPlaced` is handled where a state begins.
pub(crate) fn evolve(phase: Phase, event: &OrderEvent) -> Phase {
    match event {
        OrderEvent::OrderPlaced(_) => phase,
        OrderEvent::OrderCancellationRequested(event) => Phase::Cancelling(event.cause),
        OrderEvent::OrderCancelled(event) => Phase::Cancelled(event.cause),
        OrderEvent::OrderRejected(event) => Phase::Rejected(event.cause),
        OrderEvent::OrderCompleted(_) => Phase::Completed,
    }
}
