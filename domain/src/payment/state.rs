//! What a payment has come to.

use serde::{Deserialize, Serialize};

use super::PaymentEvent;
use crate::{Attempt, ProviderRef, Reason, RefundRef, RejectionCause};

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payment {
    /// Not asked for yet.
    NotRequested,
    /// Asked for: cash waits for somebody's word, a card for the provider.
    Requested {
        /// Which attempt.
        attempt: Attempt,
    },
    /// The provider has it in hand.
    Submitted {
        /// Which attempt.
        attempt: Attempt,
        /// The provider's name for it.
        provider_ref: ProviderRef,
    },
    /// The provider has it in hand and did not say how it ended.
    Unknown {
        /// Which attempt.
        attempt: Attempt,
        /// The provider's name for it.
        provider_ref: ProviderRef,
        /// How often the outcome was unknown by now.
        check: Attempt,
    },
    /// The money is there.
    Approved {
        /// Which attempt.
        attempt: Attempt,
        /// The provider's name for it; nothing for cash.
        provider_ref: Option<ProviderRef>,
    },
    /// Refused.
    Declined {
        /// Why.
        reason: Reason,
    },
    /// Not made in time.
    Expired,
    /// Called off before anything was charged.
    Voided,
    /// The money is to go back.
    RefundRequested {
        /// The provider's name for the payment; nothing for cash.
        provider_ref: Option<ProviderRef>,
        /// Which attempt at the refund.
        refund: Attempt,
    },
    /// The money did not go back yet.
    RefundFailed {
        /// The provider's name for the payment; nothing for cash.
        provider_ref: Option<ProviderRef>,
        /// Which attempt at the refund.
        refund: Attempt,
        /// Why it failed.
        reason: Reason,
    },
    /// The money went back.
    Refunded {
        /// The provider's name for the refund; nothing for cash.
        refund_ref: Option<RefundRef>,
    },
}

impl Payment {
    /// Whether no money is held or on its way.
    pub const fn is_settled(&self) -> bool {
        match self {
            Self::NotRequested
            | Self::Declined { .. }
            | Self::Expired
            | Self::Voided
            | Self::Refunded { .. } => true,
            Self::Requested { .. }
            | Self::Submitted { .. }
            | Self::Unknown { .. }
            | Self::Approved { .. }
            | Self::RefundRequested { .. }
            | Self::RefundFailed { .. } => false,
        }
    }

    /// Whether the money went back.
    pub const fn is_refunded(&self) -> bool {
        matches!(self, Self::Refunded { .. })
    }

    /// Why the order can't be paid, if that is so.
    pub const fn refusal(&self) -> Option<RejectionCause> {
        match self {
            Self::Declined { .. } => Some(RejectionCause::PaymentDeclined),
            Self::Expired => Some(RejectionCause::PaymentExpired),
            Self::NotRequested
            | Self::Requested { .. }
            | Self::Submitted { .. }
            | Self::Unknown { .. }
            | Self::Approved { .. }
            | Self::Voided
            | Self::RefundRequested { .. }
            | Self::RefundFailed { .. }
            | Self::Refunded { .. } => None,
        }
    }

    /// The provider's name for the attempt, where the provider had a part in it and the money is not settled.
    pub const fn provider_ref(&self) -> Option<&ProviderRef> {
        match self {
            Self::Submitted { provider_ref, .. } | Self::Unknown { provider_ref, .. } => {
                Some(provider_ref)
            }
            Self::Approved { provider_ref, .. }
            | Self::RefundRequested { provider_ref, .. }
            | Self::RefundFailed { provider_ref, .. } => provider_ref.as_ref(),
            Self::NotRequested
            | Self::Requested { .. }
            | Self::Declined { .. }
            | Self::Expired
            | Self::Voided
            | Self::Refunded { .. } => None,
        }
    }
}

/// The payment after an event of the Payment decider.
pub(crate) fn evolve(payment: &Payment, event: &PaymentEvent) -> Payment {
    let provider_ref = payment.provider_ref().cloned();
    match event {
        PaymentEvent::PaymentRequested(event) => Payment::Requested {
            attempt: event.attempt,
        },
        PaymentEvent::PaymentSubmitted(event) => Payment::Submitted {
            attempt: event.attempt,
            provider_ref: event.provider_ref.clone(),
        },
        PaymentEvent::PaymentApproved(event) => Payment::Approved {
            attempt: event.attempt,
            provider_ref: event.provider_ref.clone(),
        },
        PaymentEvent::PaymentDeclined(event) => Payment::Declined {
            reason: event.reason.clone(),
        },
        PaymentEvent::PaymentOutcomeUnknown(event) => match provider_ref {
            Some(provider_ref) => Payment::Unknown {
                attempt: event.attempt,
                provider_ref,
                check: event.check,
            },
            // No decision leads here; a payment nobody submitted has no outcome to wait for.
            None => payment.clone(),
        },
        PaymentEvent::PaymentExpired(_) => Payment::Expired,
        PaymentEvent::PaymentVoided(_) => Payment::Voided,
        PaymentEvent::RefundRequested(event) => Payment::RefundRequested {
            provider_ref,
            refund: event.attempt,
        },
        PaymentEvent::PaymentRefunded(event) => Payment::Refunded {
            refund_ref: event.refund_ref.clone(),
        },
        PaymentEvent::RefundFailed(event) => Payment::RefundFailed {
            provider_ref,
            refund: event.attempt,
            reason: event.reason.clone(),
        },
    }
}
