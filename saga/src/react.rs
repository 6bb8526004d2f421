//! What is due now: the saga's whole table as one pure function.
//!
//! Invariant: the answer depends on what the order has come to, not on how it came there. An order that has ended yields
//! nothing. An event that is no longer the order's last yields nothing either: the later one is on the queue as well,
//! and wakes the saga for the state that includes both. Hence a redelivered event does nothing twice.

use std::time::Duration;

use ordertrace_domain::{
    Attempt, CancellationCause, Command, Delivery, DeliveryCancellationCause, DeliveryCommand,
    Event, Order, OrderCommand, OrderState, Payment, PaymentCommand, PaymentEvent, PaymentMethod,
    Phase, ProviderRef, TimerName, Timestamp, Version,
};

use crate::{
    Policy,
    provider::{Charge, RefundOrder},
};

/// What woke the saga. The times are the log's own.
#[derive(Debug, Clone, Copy)]
pub enum Wake<'a> {
    /// An event of the order.
    Event {
        /// The event.
        event: &'a Event,
        /// Its version.
        version: Version,
        /// When the log recorded it.
        recorded_at: Timestamp,
    },
    /// A timer of the order.
    Timer {
        /// Which.
        timer: TimerName,
        /// When the log recorded that it fired.
        recorded_at: Timestamp,
    },
    /// An operator wants a stuck order tried again.
    Resume {
        /// When.
        recorded_at: Timestamp,
    },
}

impl Wake<'_> {
    const fn recorded_at(&self) -> Timestamp {
        match self {
            Self::Event { recorded_at, .. }
            | Self::Timer { recorded_at, .. }
            | Self::Resume { recorded_at } => *recorded_at,
        }
    }

    fn is_timer(&self, name: TimerName) -> bool {
        matches!(self, Self::Timer { timer, .. } if *timer == name)
    }

    /// Whether it asks for the next try at what this timer is set for: the timer itself, or an operator.
    fn is_retry(&self, name: TimerName) -> bool {
        matches!(self, Self::Resume { .. }) || self.is_timer(name)
    }
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Give a command.
    Command(SagaCommand),
    /// Set a timer, in the place of one of the same name.
    Schedule {
        /// Which.
        timer: TimerName,
        /// When it is to fire.
        at: Timestamp,
    },
    /// Take a timer back.
    CancelTimer(TimerName),
    /// Ask the payment provider; its answer leads to further effects.
    CallProvider(ProviderCall),
}

/// A command of the saga. Step and attempt make its id, so that the same step is never done twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaCommand {
    /// What to do.
    pub command: Command,
    /// Which step of the fulfilment.
    pub step: &'static str,
    /// Which attempt at the step.
    pub attempt: Attempt,
}

/// A question to the payment provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderCall {
    /// Make an intent.
    Create(Charge),
    /// Confirm it.
    Confirm(ProviderRef),
    /// Look at it.
    LookUp(ProviderRef),
    /// Call it off.
    Cancel(ProviderRef),
    /// Give the money back.
    Refund(RefundOrder),
}

pub(crate) fn command(step: &'static str, attempt: Attempt, command: impl Into<Command>) -> Effect {
    Effect::Command(SagaCommand {
        command: command.into(),
        step,
        attempt,
    })
}

fn once(step: &'static str, of: impl Into<Command>) -> Effect {
    command(step, Attempt::FIRST, of)
}

fn schedule(timer: TimerName, wake: Wake<'_>, wait: Duration) -> Effect {
    Effect::Schedule {
        timer,
        at: wake.recorded_at().after(wait),
    }
}

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
        Payment::NotRequested => unpaid(order, policy, wake),
        Payment::Requested { attempt } => requested(order, *attempt, wake),
        Payment::Submitted { provider_ref, .. } => submitted(order, provider_ref, wake),
        Payment::Unknown {
            provider_ref,
            check,
            ..
        } => unknown(order, provider_ref, *check, policy, wake),
        Payment::Approved { .. } => approved(order, policy, wake),
        Payment::Declined { .. } | Payment::Expired => refused(order),
        Payment::Voided => vec![
            Effect::CancelTimer(TimerName::PaymentDeadline),
            once("CancelOrder", OrderCommand::CancelOrder),
        ],
        Payment::RefundRequested {
            provider_ref,
            refund,
        } => refunding(order, provider_ref.as_ref(), *refund, wake),
        Payment::RefundFailed { refund, .. } => refund_failed(*refund, policy, wake),
        Payment::Refunded { .. } => vec![once("CancelOrder", OrderCommand::CancelOrder)],
    }
}

const fn is_cancelling(order: &Order) -> bool {
    matches!(order.phase, Phase::Cancelling(_))
}

fn unpaid(order: &Order, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    if is_cancelling(order) {
        return vec![once("CancelOrder", OrderCommand::CancelOrder)];
    }
    vec![
        schedule(TimerName::PaymentDeadline, wake, policy.payment_deadline),
        once("RequestPayment", PaymentCommand::RequestPayment),
    ]
}

fn requested(order: &Order, attempt: Attempt, wake: Wake<'_>) -> Vec<Effect> {
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
    match &order.placed.payment_method {
        PaymentMethod::Cash => vec![],
        PaymentMethod::Card { token } => match wake {
            Wake::Event { .. }
            | Wake::Resume { .. }
            | Wake::Timer {
                timer: TimerName::PaymentSubmit,
                ..
            } => vec![Effect::CallProvider(ProviderCall::Create(Charge {
                attempt,
                amount: order.placed.total,
                currency: order.placed.currency,
                token: token.clone(),
            }))],
            Wake::Timer { .. } => vec![],
        },
    }
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

fn submitted(order: &Order, intent: &ProviderRef, wake: Wake<'_>) -> Vec<Effect> {
    if is_cancelling(order) {
        return vec![Effect::CallProvider(ProviderCall::Cancel(intent.clone()))];
    }
    match wake {
        Wake::Timer {
            timer: TimerName::PaymentDeadline,
            ..
        } => overdue(),
        Wake::Event { .. } | Wake::Resume { .. } => {
            vec![Effect::CallProvider(ProviderCall::Confirm(intent.clone()))]
        }
        Wake::Timer { .. } => vec![],
    }
}

fn unknown(
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
    match wake {
        Wake::Timer {
            timer: TimerName::PaymentDeadline,
            ..
        } if !is_cancelling(order) => overdue(),
        Wake::Event {
            event: Event::Payment(PaymentEvent::PaymentOutcomeUnknown(_)),
            ..
        } if check < policy.payment_checks_max => {
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
        Wake::Event { .. }
        | Wake::Resume { .. }
        | Wake::Timer {
            timer: TimerName::PaymentCheck,
            ..
        } => vec![Effect::CallProvider(ask)],
        Wake::Timer { .. } => vec![],
    }
}

fn refused(order: &Order) -> Vec<Effect> {
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

fn approved(order: &Order, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    match &order.delivery {
        Delivery::NotPrepared if is_cancelling(order) => vec![
            Effect::CancelTimer(TimerName::PaymentDeadline),
            once("RequestRefund", PaymentCommand::RequestRefund),
        ],
        Delivery::NotPrepared => vec![
            Effect::CancelTimer(TimerName::PaymentDeadline),
            once(
                "PrepareDelivery",
                DeliveryCommand::PrepareDelivery {
                    attempts_max: policy.delivery_attempts_max,
                },
            ),
        ],
        Delivery::Completed { .. } => vec![
            Effect::CancelTimer(TimerName::DeliveryDeadline),
            once("CompleteOrder", OrderCommand::CompleteOrder),
        ],
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

fn delivering(delivery: &Delivery, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    let start = |attempt| command("StartDelivery", attempt, DeliveryCommand::StartDelivery);
    match delivery {
        Delivery::Prepared { .. } => vec![
            schedule(TimerName::DeliveryDeadline, wake, policy.delivery_deadline),
            start(Attempt::FIRST),
        ],
        Delivery::Failed { attempt, .. } if wake.is_retry(TimerName::DeliveryRetry) => {
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

fn refunding(
    order: &Order,
    intent: Option<&ProviderRef>,
    refund: Attempt,
    wake: Wake<'_>,
) -> Vec<Effect> {
    match (wake, intent) {
        (Wake::Timer { .. }, _) => vec![],
        // Cash goes back over the counter: whoever cancels hands it out.
        (Wake::Event { .. } | Wake::Resume { .. }, None) => vec![command(
            "ConfirmRefund",
            refund,
            PaymentCommand::ConfirmRefund { refund_ref: None },
        )],
        (Wake::Event { .. } | Wake::Resume { .. }, Some(intent)) => {
            vec![Effect::CallProvider(ProviderCall::Refund(RefundOrder {
                intent: intent.clone(),
                attempt: refund,
                amount: order.placed.total,
            }))]
        }
    }
}

fn refund_failed(refund: Attempt, policy: &Policy, wake: Wake<'_>) -> Vec<Effect> {
    if wake.is_retry(TimerName::RefundRetry) {
        return vec![command(
            "RequestRefund",
            refund.next(),
            PaymentCommand::RequestRefund,
        )];
    }
    match wake {
        Wake::Event { .. } if refund < policy.refund_attempts_max => vec![schedule(
            TimerName::RefundRetry,
            wake,
            policy.refund_retry_wait(refund),
        )],
        Wake::Event { .. } | Wake::Timer { .. } | Wake::Resume { .. } => vec![],
    }
}

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
