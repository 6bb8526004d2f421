//! What is due now: the saga's whole table as one pure function.
//!
//! Invariant: the answer depends on what the order has come to, not on how it came there. An order that has ended yields
//! nothing. An event that is no longer the order's last yields nothing either: the later one is on the queue as well,
//! and wakes the saga for the state that includes both. Hence a redelivered event does nothing twice.

mod delivery;
mod payment;
mod refund;

use ordertrace_domain::{Order, OrderState, Payment, Phase};

use crate::{Effect, Policy, Wake};

/// What is due for an order, now that it has come to `state` and something woke the saga.
pub fn react(state: &OrderState, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    let Some(order) = state.order() else {
        return vec![];
    };
    let is_overtaken = matches!(wake, Wake::Event { version, .. } if version < order.version);
    if order.phase.has_ended() || is_overtaken {
        return vec![];
    }
    match &order.payment {
        Payment::NotRequested => payment::unpaid(order, policy, wake),
        Payment::Requested { attempt } => payment::requested(order, *attempt, policy, wake),
        Payment::Submitted { provider_ref, .. } => payment::submitted(order, provider_ref, wake),
        Payment::Unknown {
            provider_ref,
            check,
            ..
        } => payment::unknown(order, provider_ref, *check, policy, wake),
        Payment::Approved { .. } => delivery::approved(order, policy, wake),
        Payment::Declined { .. } | Payment::Expired => payment::refused(order),
        Payment::Voided => payment::voided(),
        Payment::RefundRequested {
            provider_ref,
            refund,
        } => refund::refunding(order, provider_ref.as_ref(), *refund, wake),
        Payment::RefundFailed { refund, .. } => refund::failed(order, *refund, policy, wake),
        Payment::Refunded { .. } => refund::done(),
    }
}

const fn is_cancelling(order: &Order) -> bool {
    matches!(order.phase, Phase::Cancelling(_))
}
