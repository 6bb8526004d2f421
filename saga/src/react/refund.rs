//! Giving the money back.

use ordertrace_domain::{Attempt, Order, OrderCommand, PaymentCommand, ProviderRef, TimerName};

use crate::{
    Effect, Policy, ProviderCall, Wake,
    effect::{command, once, schedule},
    policy::is_tried_on,
    provider::RefundOrder,
};

pub(super) fn refunding(
    order: &Order,
    intent: Option<&ProviderRef>,
    refund: Attempt,
    wake: Wake<'_>,
) -> Vec<Effect> {
    match (wake, intent) {
        // A provider that was not asked is asked again by the timer.
        (Wake::Timer { timer, .. }, _) if timer != TimerName::RefundRetry => vec![],
        // Cash goes back over the counter: whoever cancels hands it out.
        (_, None) => vec![command(
            "ConfirmRefund",
            refund,
            PaymentCommand::ConfirmRefund { refund_ref: None },
        )],
        (_, Some(intent)) => {
            vec![Effect::CallProvider(ProviderCall::Refund(RefundOrder {
                intent: intent.clone(),
                attempt: refund,
                amount: order.placed.total,
                currency: order.placed.currency,
            }))]
        }
    }
}

/// The next try begins by its timer. When the order has come too far for that, only an operator begins it.
pub(super) fn failed(
    order: &Order,
    refund: Attempt,
    policy: &Policy,
    wake: Wake<'_>,
) -> Vec<Effect> {
    let goes_on = refund < policy.refund_attempts_max || is_tried_on(order.version);
    match wake {
        Wake::Event { .. } if goes_on => vec![schedule(
            TimerName::RefundRetry,
            wake,
            policy.refund_retry_wait(refund),
        )],
        Wake::Timer {
            timer: TimerName::RefundRetry,
            ..
        } => vec![try_again(refund)],
        Wake::Resume { .. } => vec![try_again(refund)],
        Wake::Event { .. } | Wake::Timer { .. } => vec![],
    }
}

fn try_again(refund: Attempt) -> Effect {
    command(
        "RequestRefund",
        refund.next(),
        PaymentCommand::RequestRefund,
    )
}

/// The order ends. An operator's refund may have withdrawn it at any point, so any of its long timers may be set.
pub(super) fn done() -> Vec<Effect> {
    vec![
        Effect::CancelTimer(TimerName::PaymentDeadline),
        Effect::CancelTimer(TimerName::DeliveryDeadline),
        Effect::CancelTimer(TimerName::DeliveryRetry),
        once("CancelOrder", OrderCommand::CancelOrder),
    ]
}
