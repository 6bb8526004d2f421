//! What a payment does with a command, up to its approval; giving money back is in `refund`.

use super::{
    Payment, PaymentApproved, PaymentCommand, PaymentDeclined, PaymentEvent, PaymentExpired,
    PaymentOutcomeUnknown, PaymentRequested, PaymentSubmitted, PaymentVoided, one, refund,
};
use crate::{
    Attempt, Order, OrderState, Phase, ProviderRef, Reason, Rejection, rejection::Decision,
};

/// Decides a command to a payment. Total, and without a look at anything but its arguments.
pub(crate) fn decide(state: &OrderState, command: &PaymentCommand) -> Decision {
    let order = state.placed()?;
    match command {
        PaymentCommand::RequestPayment => request(order),
        PaymentCommand::SubmitPayment { provider_ref } => submit(order, provider_ref),
        PaymentCommand::ApprovePayment { provider_ref } => approve(order, provider_ref.as_ref()),
        PaymentCommand::DeclinePayment {
            provider_ref,
            reason,
        } => decline(order, provider_ref.as_ref(), reason),
        PaymentCommand::MarkPaymentUnknown { reason } => mark_unknown(order, reason),
        PaymentCommand::ExpirePayment { provider_ref } => expire(order, provider_ref.as_ref()),
        PaymentCommand::VoidPayment { provider_ref } => void(order, provider_ref.as_ref()),
        PaymentCommand::RequestRefund => refund::request(order),
        PaymentCommand::ConfirmRefund { refund_ref } => refund::confirm(order, refund_ref.as_ref()),
        PaymentCommand::FailRefund { reason } => refund::fail(order, reason),
    }
}

fn request(order: &Order) -> Decision {
    order.underway()?;
    match order.payment {
        Payment::NotRequested => one(PaymentEvent::PaymentRequested(PaymentRequested {
            attempt: Attempt::FIRST,
            amount: order.placed.total,
            currency: order.placed.currency,
            method: order.placed.payment_method.clone(),
        })),
        Payment::Requested { .. } => Ok(vec![]),
        Payment::Submitted { .. } | Payment::Unknown { .. } => {
            Err(Rejection::PaymentHeldByProvider)
        }
        Payment::Approved { .. }
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => Err(Rejection::PaymentAlreadyApproved),
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => Err(Rejection::PaymentClosed),
    }
}

fn submit(order: &Order, submitted: &ProviderRef) -> Decision {
    if !order.placed.payment_method.is_card() {
        return Err(Rejection::PaymentNotByCard);
    }
    order.underway()?;
    match &order.payment {
        Payment::NotRequested => Err(Rejection::PaymentNotRequested),
        Payment::Requested { attempt } => one(PaymentEvent::PaymentSubmitted(PaymentSubmitted {
            attempt: *attempt,
            provider_ref: submitted.clone(),
        })),
        Payment::Submitted { provider_ref, .. } if provider_ref == submitted => Ok(vec![]),
        Payment::Submitted { .. } | Payment::Unknown { .. } => {
            Err(Rejection::PaymentHeldByProvider)
        }
        Payment::Approved { .. }
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => Err(Rejection::PaymentAlreadyApproved),
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => Err(Rejection::PaymentClosed),
    }
}

/// Who may close a payment that is still open, and which attempt that closes.
enum Closing {
    /// Nothing was submitted: the command stands by itself.
    Unsubmitted(Attempt),
    /// The provider has spoken on the attempt it has in hand.
    ByProvider(Attempt),
}

/// Checks that the payment is open and that the command has the word of the provider, if the provider has it in hand.
fn closing(order: &Order, word: Option<&ProviderRef>) -> Result<Closing, Rejection> {
    match &order.payment {
        Payment::NotRequested => Err(Rejection::PaymentNotRequested),
        Payment::Requested { attempt } => match word {
            None => Ok(Closing::Unsubmitted(*attempt)),
            Some(_) => Err(Rejection::PaymentNotSubmitted),
        },
        Payment::Submitted {
            attempt,
            provider_ref,
        }
        | Payment::Unknown {
            attempt,
            provider_ref,
            ..
        } => match word {
            None => Err(Rejection::PaymentHeldByProvider),
            Some(word) if word == provider_ref => Ok(Closing::ByProvider(*attempt)),
            Some(_) => Err(Rejection::ProviderReferenceMismatch),
        },
        Payment::Approved { .. }
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => Err(Rejection::PaymentAlreadyApproved),
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => Err(Rejection::PaymentClosed),
    }
}

/// The provider's word counts even on an order that is being cancelled: the money is there and must go back.
fn approve(order: &Order, word: Option<&ProviderRef>) -> Decision {
    if let Payment::Approved { provider_ref, .. } = &order.payment {
        return if provider_ref.as_ref() == word {
            Ok(vec![])
        } else {
            Err(Rejection::PaymentAlreadyApproved)
        };
    }
    let attempt = match closing(order, word)? {
        Closing::Unsubmitted(_) if order.placed.payment_method.is_card() => {
            return Err(Rejection::PaymentNotSubmitted);
        }
        Closing::Unsubmitted(attempt) => {
            order.underway()?;
            attempt
        }
        Closing::ByProvider(attempt) => attempt,
    };
    one(PaymentEvent::PaymentApproved(PaymentApproved {
        attempt,
        provider_ref: word.cloned(),
    }))
}

fn decline(order: &Order, word: Option<&ProviderRef>, reason: &Reason) -> Decision {
    if matches!(order.payment, Payment::Declined { .. }) {
        return Ok(vec![]);
    }
    let attempt = match closing(order, word)? {
        Closing::Unsubmitted(attempt) | Closing::ByProvider(attempt) => attempt,
    };
    one(PaymentEvent::PaymentDeclined(PaymentDeclined {
        attempt,
        reason: reason.clone(),
    }))
}

fn mark_unknown(order: &Order, reason: &Reason) -> Decision {
    let (attempt, check) = match &order.payment {
        Payment::Submitted { attempt, .. } => (*attempt, Attempt::FIRST),
        Payment::Unknown { attempt, check, .. } => (*attempt, check.next()),
        Payment::NotRequested => return Err(Rejection::PaymentNotRequested),
        Payment::Requested { .. } => return Err(Rejection::PaymentNotSubmitted),
        Payment::Approved { .. }
        | Payment::RefundRequested { .. }
        | Payment::RefundFailed { .. } => {
            return Err(Rejection::PaymentAlreadyApproved);
        }
        Payment::Declined { .. }
        | Payment::Expired
        | Payment::Voided
        | Payment::Refunded { .. } => {
            return Err(Rejection::PaymentClosed);
        }
    };
    one(PaymentEvent::PaymentOutcomeUnknown(PaymentOutcomeUnknown {
        attempt,
        check,
        reason: reason.clone(),
    }))
}

fn expire(order: &Order, word: Option<&ProviderRef>) -> Decision {
    if matches!(order.payment, Payment::Expired) {
        return Ok(vec![]);
    }
    let attempt = match closing(order, word)? {
        Closing::Unsubmitted(attempt) | Closing::ByProvider(attempt) => attempt,
    };
    one(PaymentEvent::PaymentExpired(PaymentExpired { attempt }))
}

fn void(order: &Order, word: Option<&ProviderRef>) -> Decision {
    if matches!(order.payment, Payment::Voided) {
        return Ok(vec![]);
    }
    if matches!(order.phase, Phase::Open) {
        return Err(Rejection::CancellationNotRequested);
    }
    let attempt = match closing(order, word)? {
        Closing::Unsubmitted(attempt) | Closing::ByProvider(attempt) => attempt,
    };
    one(PaymentEvent::PaymentVoided(PaymentVoided { attempt }))
}
