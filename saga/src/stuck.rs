//! Orders that can't go on by themselves: listed, never silent.

use ordertrace_domain::{OrderState, Payment, Version};

use crate::Policy;

/// Why an order does not go on by itself. It needs an operator, who looks and then resumes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StuckReason {
    /// The provider did not say how the payment ended, as often as it was asked.
    PaymentUnknown,
    /// The money did not go back, as often as it was tried.
    RefundFailed,
    /// The order has as many events as it may have.
    TooManyEvents,
}

/// Whether an order is stuck: nothing is due, no timer is set, and it has not ended.
pub fn stuck(state: &OrderState, policy: &Policy) -> Option<StuckReason> {
    let order = state.order()?;
    if order.phase.has_ended() {
        return None;
    }
    if order.version >= Version::MAX {
        return Some(StuckReason::TooManyEvents);
    }
    match &order.payment {
        Payment::Unknown { check, .. } if *check >= policy.payment_checks_max => {
            Some(StuckReason::PaymentUnknown)
        }
        Payment::RefundFailed { refund, .. } if *refund >= policy.refund_attempts_max => {
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
        | Payment::Refunded { .. } => None,
    }
}
