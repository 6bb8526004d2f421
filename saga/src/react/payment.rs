//! From the order to the money, or to the word that there is none.

use ordertrace_domain::{
    Attempt, CancellationCause, Event, Order, OrderCommand, PaymentCommand, PaymentEvent,
    PaymentMethod, Phase, ProviderRef, TimerName,
};

use super::is_cancelling;
use crate::{
    Effect, Policy, ProviderCall, Wake,
    effect::{once, schedule},
    policy::is_tried_on,
    provider::Charge,
};

pub(super) fn unpaid(order: &Order, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    if is_cancelling(order) {
        return voided();
    }
    vec![
        schedule(TimerName::PaymentDeadline, wake, policy.payment_deadline),
        once("RequestPayment", PaymentCommand::RequestPayment),
    ]
}

/// An order that is resumed gets its deadline again, for its timer may have got lost.
pub(super) fn requested(
    order: &Order,
    attempt: Attempt,
    policy: &Policy,
    wake: Wake<'_>,
) -> Vec<Effect> {
    let provider_ref = None;
    if is_cancelling(order) {
        return vec![once(
            "VoidPayment",
            PaymentCommand::VoidPayment { provider_ref },
        )];
    }
    if wake.is_timer(TimerName::PaymentDeadline) {
        return vec![once(
            "ExpirePayment",
            PaymentCommand::ExpirePayment { provider_ref },
        )];
    }
    let mut effects = Vec::new();
    if matches!(wake, Wake::Resume { .. }) {
        effects.push(schedule(
            TimerName::PaymentDeadline,
            wake,
            policy.payment_deadline,
        ));
    }
    let is_due = matches!(wake, Wake::Event { .. }) || wake.is_retry(TimerName::PaymentSubmit);
    if let PaymentMethod::Card { token } = &order.placed.payment_method
        && is_due
    {
        effects.push(Effect::CallProvider(ProviderCall::Create(Charge {
            attempt,
            amount: order.placed.total,
            currency: order.placed.currency,
            token: token.clone(),
        })));
    }
    effects
}

/// The deadline of a payment that the provider has in hand: the order is withdrawn, which is remembered, and the
/// payment ends as the provider says.
fn overdue() -> Vec<Effect> {
    vec![once(
        "WithdrawOverduePayment",
        OrderCommand::RequestCancellation {
            cause: CancellationCause::PaymentOverdue,
            reason: None,
        },
    )]
}

pub(super) fn submitted(order: &Order, intent: &ProviderRef, wake: Wake<'_>) -> Vec<Effect> {
    if is_cancelling(order) {
        return vec![Effect::CallProvider(ProviderCall::Cancel(intent.clone()))];
    }
    match wake {
        Wake::Timer {
            timer: TimerName::PaymentDeadline,
            ..
        } => overdue(),
        Wake::Event { .. }
        | Wake::Resume { .. }
        | Wake::Timer {
            timer: TimerName::PaymentSubmit,
            ..
        } => {
            vec![Effect::CallProvider(ProviderCall::Confirm(intent.clone()))]
        }
        Wake::Timer { .. } => vec![],
    }
}

/// The outcome of an order that goes on is looked up a bounded number of times, for its deadline is still to come. A
/// cancellation has no deadline, and would be stranded.
pub(super) fn unknown(
    order: &Order,
    intent: &ProviderRef,
    check: Attempt,
    policy: &Policy,
    wake: Wake<'_>,
) -> Vec<Effect> {
    let ask = if is_cancelling(order) {
        ProviderCall::Cancel(intent.clone())
    } else {
        ProviderCall::LookUp(intent.clone())
    };
    let goes_on =
        check < policy.payment_checks_max || (is_cancelling(order) && is_tried_on(order.version));
    match wake {
        Wake::Timer {
            timer: TimerName::PaymentDeadline,
            ..
        } if !is_cancelling(order) => overdue(),
        Wake::Event {
            event: Event::Payment(PaymentEvent::PaymentOutcomeUnknown(_)),
            ..
        } if goes_on => {
            vec![schedule(
                TimerName::PaymentCheck,
                wake,
                policy.payment_check_wait(check),
            )]
        }
        Wake::Event {
            event: Event::Payment(PaymentEvent::PaymentOutcomeUnknown(_)),
            ..
        } => vec![],
        Wake::Timer {
            timer: TimerName::PaymentCheck,
            ..
        } => vec![Effect::CallProvider(ask)],
        Wake::Timer { .. } => vec![],
        Wake::Event { .. } | Wake::Resume { .. } => vec![Effect::CallProvider(ask)],
    }
}

pub(super) fn refused(order: &Order) -> Vec<Effect> {
    let end = match order.phase {
        Phase::Cancelling(CancellationCause::Requested) => {
            once("CancelOrder", OrderCommand::CancelOrder)
        }
        Phase::Open
        | Phase::Cancelling(
            CancellationCause::PaymentOverdue
            | CancellationCause::Undeliverable
            | CancellationCause::Refunded,
        )
        | Phase::Cancelled(_)
        | Phase::Rejected(_)
        | Phase::Completed => once("RejectOrder", OrderCommand::RejectOrder),
    };
    vec![Effect::CancelTimer(TimerName::PaymentDeadline), end]
}

/// Nothing was charged, nor will be: the order is cancelled.
pub(super) fn voided() -> Vec<Effect> {
    vec![
        Effect::CancelTimer(TimerName::PaymentDeadline),
        once("CancelOrder", OrderCommand::CancelOrder),
    ]
}
