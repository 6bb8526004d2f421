//! From the money to the goods, or back to the money.

use ordertrace_domain::{
    Attempt, Delivery, DeliveryCancellationCause, DeliveryCommand, Order, OrderCommand,
    PaymentCommand, TimerName,
};

use super::is_cancelling;
use crate::{
    Effect, Policy, Wake,
    effect::{command, once, schedule},
};

pub(super) fn approved(order: &Order, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    match &order.delivery {
        Delivery::NotPrepared if is_cancelling(order) => vec![
            Effect::CancelTimer(TimerName::PaymentDeadline),
            once("RequestRefund", PaymentCommand::RequestRefund),
        ],
        // The deadline comes first: once the goods are ready a courier may take them before the saga looks again.
        Delivery::NotPrepared => vec![
            Effect::CancelTimer(TimerName::PaymentDeadline),
            schedule(TimerName::DeliveryDeadline, wake, policy.delivery_deadline),
            once(
                "PrepareDelivery",
                DeliveryCommand::PrepareDelivery {
                    attempts_max: policy.delivery_attempts_max,
                },
            ),
        ],
        Delivery::Completed { attempt } => delivered(*attempt),
        Delivery::Cancelled { .. } => vec![
            Effect::CancelTimer(TimerName::DeliveryDeadline),
            Effect::CancelTimer(TimerName::DeliveryRetry),
            once("RequestRefund", PaymentCommand::RequestRefund),
        ],
        Delivery::Prepared { .. } | Delivery::Started { .. } | Delivery::Failed { .. } => {
            call_back(order, wake).unwrap_or_else(|| delivering(&order.delivery, policy, wake))
        }
    }
}

fn delivered(attempt: Attempt) -> Vec<Effect> {
    let mut effects = vec![Effect::CancelTimer(TimerName::DeliveryDeadline)];
    if attempt > Attempt::FIRST {
        effects.push(Effect::CancelTimer(TimerName::DeliveryRetry));
    }
    effects.push(once("CompleteOrder", OrderCommand::CompleteOrder));
    effects
}

/// The delivery is to be called back: the order is being cancelled, time is up, or no attempt is left.
fn call_back(order: &Order, wake: Wake<'_>) -> Option<Vec<Effect>> {
    let is_exhausted = matches!(
        &order.delivery,
        Delivery::Failed { attempt, attempts_max, .. } if attempt >= attempts_max
    );
    let cause = if is_cancelling(order) {
        DeliveryCancellationCause::OrderCancelled
    } else if is_exhausted {
        DeliveryCancellationCause::AttemptsExhausted
    } else if wake.is_timer(TimerName::DeliveryDeadline) {
        DeliveryCancellationCause::Overdue
    } else {
        return None;
    };
    Some(vec![once(
        "CancelDelivery",
        DeliveryCommand::CancelDelivery { cause },
    )])
}

/// An order that is resumed gets its deadline again, for its timer may have got lost.
fn delivering(delivery: &Delivery, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    let deadline = || schedule(TimerName::DeliveryDeadline, wake, policy.delivery_deadline);
    let start = |attempt| command("StartDelivery", attempt, DeliveryCommand::StartDelivery);
    match delivery {
        Delivery::Prepared { .. } => vec![start(Attempt::FIRST)],
        Delivery::Started { .. } if matches!(wake, Wake::Resume { .. }) => vec![deadline()],
        Delivery::Failed { attempt, .. } if matches!(wake, Wake::Resume { .. }) => {
            vec![deadline(), start(attempt.next())]
        }
        Delivery::Failed { attempt, .. } if wake.is_timer(TimerName::DeliveryRetry) => {
            vec![start(attempt.next())]
        }
        Delivery::Failed { .. } if matches!(wake, Wake::Event { .. }) => vec![schedule(
            TimerName::DeliveryRetry,
            wake,
            policy.delivery_retry_delay,
        )],
        Delivery::Failed { .. }
        | Delivery::Started { .. }
        | Delivery::NotPrepared
        | Delivery::Completed { .. }
        | Delivery::Cancelled { .. } => vec![],
    }
}
