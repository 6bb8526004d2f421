//! What follows from the payment provider's answer.
//!
//! Invariant: pure, like `react`. A payment is approved or declined on the provider's clear word only; anything else
//! makes its outcome unknown, and the provider is asked again.

use std::time::Duration;

use ordertrace_domain::{
    Attempt, CancellationCause, Order, Payment, PaymentCommand, Phase, ProviderRef, Reason,
    TimerName, Timestamp,
};

use crate::{
    Effect, Policy, ProviderCall,
    effect::command,
    provider::{Created, IntentStatus, NoAnswer, Refunded},
};

/// A provider that asks for more time than this is asked earlier: whatever it knows, the orders' deadlines go on.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(1);

/// The provider's answer to a [`ProviderCall`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAnswer {
    /// To a wish for an intent.
    Created(Result<Created, NoAnswer>),
    /// To a confirmation, a look or a calling off.
    Intent(Result<IntentStatus, NoAnswer>),
    /// To a wish for a refund.
    Refunded(Result<Refunded, NoAnswer>),
}

impl ProviderAnswer {
    const fn no_answer(&self) -> Option<&NoAnswer> {
        match self {
            Self::Created(Err(none)) | Self::Intent(Err(none)) | Self::Refunded(Err(none)) => {
                Some(none)
            }
            Self::Created(Ok(_)) | Self::Intent(Ok(_)) | Self::Refunded(Ok(_)) => None,
        }
    }
}

/// The timer that an order waits by for a provider that was not asked. No event says so, for nothing has happened.
fn timer_for(order: &Order, call: &ProviderCall) -> TimerName {
    match call {
        ProviderCall::Create(_) => TimerName::PaymentSubmit,
        ProviderCall::Confirm(_) | ProviderCall::LookUp(_) | ProviderCall::Cancel(_) => {
            match order.payment {
                Payment::Unknown { .. } => TimerName::PaymentCheck,
                Payment::NotRequested
                | Payment::Requested { .. }
                | Payment::Submitted { .. }
                | Payment::Approved { .. }
                | Payment::Declined { .. }
                | Payment::Expired
                | Payment::Voided
                | Payment::RefundRequested { .. }
                | Payment::RefundFailed { .. }
                | Payment::Refunded { .. } => TimerName::PaymentSubmit,
            }
        }
        ProviderCall::Refund(_) => TimerName::RefundRetry,
    }
}

/// When the provider answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Timestamp,
    /// Since when the order has been as it is.
    pub since: Timestamp,
}

impl Moment {
    /// When to ask a provider again that did not listen; or later, if it said so itself.
    fn next_try(self, policy: &Policy, retry_after: Option<Duration>) -> Timestamp {
        let jitter = self.now.micros().unsigned_abs();
        let wait = policy.provider_wait(self.now.since(self.since), jitter);
        let asked_for = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        self.now.after(wait.max(asked_for))
    }
}

/// What is to be done, now that the provider has answered.
pub fn answered(
    order: &Order,
    policy: &Policy,
    call: &ProviderCall,
    answer: ProviderAnswer,
    moment: Moment,
) -> Vec<Effect> {
    if let Some(NoAnswer::NotAsked { retry_after, .. }) = answer.no_answer() {
        return vec![Effect::Schedule {
            timer: timer_for(order, call),
            at: moment.next_try(policy, *retry_after),
        }];
    }
    match (call, answer) {
        (ProviderCall::Create(charge), ProviderAnswer::Created(answer)) => {
            created(charge.attempt, policy, answer, moment)
        }
        (
            ProviderCall::Confirm(intent)
            | ProviderCall::LookUp(intent)
            | ProviderCall::Cancel(intent),
            ProviderAnswer::Intent(answer),
        ) => vec![intent_answered(order, call, intent, answer)],
        (ProviderCall::Refund(refund), ProviderAnswer::Refunded(answer)) => {
            vec![refund_answered(refund.attempt, policy, answer, moment)]
        }
        // The runner pairs each call with its own kind of answer, so nothing else comes here.
        (
            ProviderCall::Create(_)
            | ProviderCall::Confirm(_)
            | ProviderCall::LookUp(_)
            | ProviderCall::Cancel(_)
            | ProviderCall::Refund(_),
            ProviderAnswer::Created(_) | ProviderAnswer::Intent(_) | ProviderAnswer::Refunded(_),
        ) => vec![],
    }
}

fn created(
    attempt: Attempt,
    policy: &Policy,
    answer: Result<Created, NoAnswer>,
    moment: Moment,
) -> Vec<Effect> {
    match answer {
        Ok(Created::Intent(provider_ref)) => vec![command(
            "SubmitPayment",
            attempt,
            PaymentCommand::SubmitPayment { provider_ref },
        )],
        Ok(Created::Refused(reason)) => vec![command(
            "DeclinePayment",
            attempt,
            PaymentCommand::DeclinePayment {
                provider_ref: None,
                reason,
            },
        )],
        // Nothing is charged before the confirmation, so the payment simply waits; its deadline bounds the wait.
        Err(NoAnswer::NotAsked { .. } | NoAnswer::Unknown(_) | NoAnswer::Unclear(_)) => {
            vec![Effect::Schedule {
                timer: TimerName::PaymentSubmit,
                at: moment.next_try(policy, None),
            }]
        }
    }
}

fn intent_answered(
    order: &Order,
    call: &ProviderCall,
    intent: &ProviderRef,
    answer: Result<IntentStatus, NoAnswer>,
) -> Effect {
    let provider_ref = Some(intent.clone());
    let is_look = matches!(call, ProviderCall::LookUp(_));
    match answer {
        Ok(IntentStatus::Succeeded) => command(
            "ApprovePayment",
            Attempt::FIRST,
            PaymentCommand::ApprovePayment { provider_ref },
        ),
        Ok(IntentStatus::Declined(reason)) => declined(intent, reason),
        Ok(IntentStatus::Cancelled) => called_off(order, intent),
        // The confirmation never reached the provider; to confirm the same intent charges it at most once.
        Ok(IntentStatus::Unconfirmed) if is_look => {
            Effect::CallProvider(ProviderCall::Confirm(intent.clone()))
        }
        Ok(IntentStatus::Unconfirmed) => {
            unknown(order, Reason::lossy("the payment provider did nothing yet"))
        }
        Ok(IntentStatus::Pending(reason))
        | Err(
            NoAnswer::Unknown(reason)
            | NoAnswer::Unclear(reason)
            | NoAnswer::NotAsked { reason, .. },
        ) => unknown(order, reason),
    }
}

fn declined(intent: &ProviderRef, reason: Reason) -> Effect {
    command(
        "DeclinePayment",
        Attempt::FIRST,
        PaymentCommand::DeclinePayment {
            provider_ref: Some(intent.clone()),
            reason,
        },
    )
}

/// The provider called the intent off: because we asked it to, or, on an order that goes on, by itself.
fn called_off(order: &Order, intent: &ProviderRef) -> Effect {
    let provider_ref = Some(intent.clone());
    match order.phase {
        Phase::Cancelling(CancellationCause::PaymentOverdue) => command(
            "ExpirePayment",
            Attempt::FIRST,
            PaymentCommand::ExpirePayment { provider_ref },
        ),
        Phase::Cancelling(
            CancellationCause::Requested
            | CancellationCause::Undeliverable
            | CancellationCause::Refunded,
        ) => command(
            "VoidPayment",
            Attempt::FIRST,
            PaymentCommand::VoidPayment { provider_ref },
        ),
        Phase::Open | Phase::Cancelled(_) | Phase::Rejected(_) | Phase::Completed => {
            declined(intent, Reason::lossy("called off at the payment provider"))
        }
    }
}

fn unknown(order: &Order, reason: Reason) -> Effect {
    let check = match &order.payment {
        Payment::Unknown { check, .. } => check.next(),
        Payment::NotRequested
        | Payment::Requested { .. }
        | Payment::Submitted { .. }
        | Payment::Approved { .. }
        | Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. }
        | Payment::Refunded { .. } => Attempt::FIRST,
    };
    command(
        "MarkPaymentUnknown",
        check,
        PaymentCommand::MarkPaymentUnknown { reason },
    )
}

fn refund_answered(
    attempt: Attempt,
    policy: &Policy,
    answer: Result<Refunded, NoAnswer>,
    moment: Moment,
) -> Effect {
    match answer {
        // Nothing has failed, so no attempt is used up; the longer it takes, the less often it is asked for.
        Ok(Refunded::Pending(_)) => Effect::Schedule {
            timer: TimerName::RefundRetry,
            at: moment
                .now
                .after(policy.refund_look_wait(moment.now.since(moment.since))),
        },
        Ok(Refunded::Done(refund_ref)) => command(
            "ConfirmRefund",
            attempt,
            PaymentCommand::ConfirmRefund {
                refund_ref: Some(refund_ref),
            },
        ),
        Ok(Refunded::Refused(reason))
        | Err(
            NoAnswer::Unknown(reason)
            | NoAnswer::Unclear(reason)
            | NoAnswer::NotAsked { reason, .. },
        ) => command("FailRefund", attempt, PaymentCommand::FailRefund { reason }),
    }
}
