//! What an operator should know before an order is resumed, as one sentence.
//!
//! Invariant: what it says a resume does is what `react` says is due on one, never a second opinion.

use ordertrace_domain::{Order, Payment, StuckReason};

use crate::{Effect, ProviderCall};

/// What to look at first, and what the saga will do then.
pub(super) fn advice(order: &Order, reason: Option<StuckReason>, due: &[Effect]) -> String {
    if order.phase.has_ended() {
        return "The order has ended, and there is nothing to resume.".to_owned();
    }
    let first = match reason {
        None => "The order is not stuck, so it can be left alone".to_owned(),
        Some(StuckReason::Idle) => format!(
            "See that the saga is running{}, and that no message of the order waits under /ops/dlq{}",
            provider_too(order),
            also_at_provider(order)
        ),
        Some(StuckReason::PaymentUnknown) => {
            format!(
                "Look up {} at the provider, and wait until it is settled there",
                payment(order)
            )
        }
        Some(StuckReason::RefundFailed) => format!(
            "Look up {} at the provider: whether a refund is there already, and why another one fails",
            payment(order)
        ),
        Some(StuckReason::TooManyEvents) => format!(
            "The order takes no more events, so a resume can't bring it to an end; settle {} by hand",
            payment(order)
        ),
    };
    format!("{first}; a resume {}.", doings(due))
}

fn payment(order: &Order) -> String {
    order.payment.provider_ref().map_or_else(
        || "the payment".to_owned(),
        |provider_ref| format!("the payment {provider_ref}"),
    )
}

/// Whether the order waits for the provider.
fn provider_too(order: &Order) -> &'static str {
    let is_card = order.placed.payment_method.is_card();
    let is_settled =
        order.payment.is_settled() || matches!(order.payment, Payment::Approved { .. });
    if is_card && !is_settled {
        " and the provider answers (/ops/provider)"
    } else {
        ""
    }
}

/// An attempt at the provider that is not known to be closed may have gone further than the log knows.
fn also_at_provider(order: &Order) -> String {
    match &order.payment {
        Payment::Submitted { .. } | Payment::Unknown { .. } | Payment::RefundRequested { .. }
            if order.payment.provider_ref().is_some() =>
        {
            format!(", and look up {} at the provider", payment(order))
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
        | Payment::Refunded { .. } => String::new(),
    }
}

/// What a resume does, read after "a resume".
fn doings(due: &[Effect]) -> String {
    let doings: Vec<String> = due.iter().map(doing).collect();
    match doings.as_slice() {
        [] => "does nothing now".to_owned(),
        doings => doings.join(", and "),
    }
}

fn doing(effect: &Effect) -> String {
    match effect {
        Effect::Command(command) => format!("takes the step {}", command.step),
        Effect::Schedule { timer, at } => format!("sets the timer {} for {at}", timer.name()),
        Effect::CancelTimer(timer) => format!("takes back the timer {}", timer.name()),
        Effect::CallProvider(call) => match call {
            ProviderCall::Create(_) => {
                "has the provider make the payment, which charges nothing yet".to_owned()
            }
            ProviderCall::Confirm(intent) => {
                format!("confirms {intent} at the provider, which charges it at most once")
            }
            ProviderCall::LookUp(intent) => {
                format!("asks the provider how {intent} ended, and never charges again")
            }
            ProviderCall::Cancel(intent) => {
                format!("has the provider call {intent} off, or say that it was paid")
            }
            ProviderCall::Refund(refund) => format!(
                "lists the refunds of {} at the provider, and asks for one only if there is none",
                refund.intent
            ),
        },
    }
}
