//! Orders that nothing is known to help but an operator: listed, never silent.
//!
//! Invariant: every order that has not ended is waited for by somebody, or is listed. One whose payment or refund has
//! failed as often as the terms say is listed though it may be tried on: somebody's money is at stake, and a provider
//! that fails for an hour may fail for ever. One that has not changed for longer than anything takes is listed whatever
//! the cause: a parked message, a lost timer, a saga that is down. An order leaves the list by itself when it goes on.

use std::time::Duration;

use crate::{Attempt, Delivery, Order, Payment, Phase, Version};

/// Why an order may not go on by itself. It needs an operator, who looks and then resumes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StuckReason {
    /// The provider did not say how the payment ended, as often as it was asked.
    PaymentUnknown,
    /// The money did not go back, as often as it was tried.
    RefundFailed,
    /// The order has as many events as it may have.
    TooManyEvents,
    /// Nothing has happened to the order for longer than anything takes.
    Idle,
}

impl StuckReason {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::PaymentUnknown,
        Self::RefundFailed,
        Self::TooManyEvents,
        Self::Idle,
    ];

    /// A stable word for it, such as `payment_unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaymentUnknown => "payment_unknown",
            Self::RefundFailed => "refund_failed",
            Self::TooManyEvents => "too_many_events",
            Self::Idle => "idle",
        }
    }
}

/// How long, and through how many failures, an order is waited for before it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often the provider is asked how a payment ended.
    pub payment_checks_max: Attempt,
    /// How often a refund is tried.
    pub refund_attempts_max: Attempt,
    /// How long an order may stay unpaid.
    pub payment_deadline: Duration,
    /// How long a delivery may take.
    pub delivery_deadline: Duration,
    /// How long an order may rest that waits for nobody but the saga and the provider; and how late a deadline may be.
    pub idle_max: Duration,
}

/// Whether an order is stuck: it has not ended, and what is due was tried as often, or took as long, as it ever should.
/// `idle` is how long nothing has happened to it.
pub fn stuck(order: &Order, idle: Duration, patience: &Patience) -> Option<StuckReason> {
    if order.phase.has_ended() {
        return None;
    }
    if order.version >= Version::MAX {
        return Some(StuckReason::TooManyEvents);
    }
    match &order.payment {
        Payment::Unknown { check, .. } if *check >= patience.payment_checks_max => {
            Some(StuckReason::PaymentUnknown)
        }
        Payment::RefundFailed { refund, .. } if *refund >= patience.refund_attempts_max => {
            Some(StuckReason::RefundFailed)
        }
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Unknown { .. }
        | Payment::Approved { .. }
        | Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. }
        | Payment::Refunded { .. } => {
            (idle > rest_max(order, patience)).then_some(StuckReason::Idle)
        }
    }
}

/// How long an order may stay as it is. People take their time until a deadline; the saga does not.
fn rest_max(order: &Order, patience: &Patience) -> Duration {
    let person = match (&order.payment, &order.delivery) {
        _ if order.phase != Phase::Open => Duration::ZERO,
        (Payment::Requested { .. }, _) if !order.placed.payment_method.is_card() => {
            patience.payment_deadline
        }
        (Payment::Approved { .. }, Delivery::Started { .. } | Delivery::Failed { .. }) => {
            patience.delivery_deadline
        }
        (
            Payment::NotRequested
            | Payment::Requested { .. }
            | Payment::Submitted { .. }
            | Payment::Unknown { .. }
            | Payment::Approved { .. }
            | Payment::Declined { .. }
            | Payment::Expired
            | Payment::Voided
            | Payment::RefundRequested { .. }
            | Payment::RefundFailed { .. }
            | Payment::Refunded { .. },
            _,
        ) => Duration::ZERO,
    };
    person.saturating_add(patience.idle_max)
}
