//! Orders that nothing is known to help but an operator: listed, never silent.
//!
//! Invariant: an order that the saga no longer tries is listed. One whose cancellation or refund has failed as often as
//! the policy says is listed as well, though it is tried on: somebody's money is at stake, and a provider that fails for
//! an hour may fail for ever. It leaves the list by itself if a later try succeeds.

use ordertrace_domain::{OrderState, Payment, Version};

use crate::Policy;

/// Why an order may not go on by itself. It needs an operator, who looks and then resumes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StuckReason {
    /// The provider did not say how the payment ended, as often as it was asked.
    PaymentUnknown,
    /// The money did not go back, as often as it was tried.
    RefundFailed,
    /// The order has as many events as it may have.
    TooManyEvents,
}

/// Whether an order is stuck: it has not ended, and what is due was tried as often as it should ever take.
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
