//! What happened to a payment.

use serde::{Deserialize, Serialize};

use crate::{
    Amount, Attempt, Currency, PaymentMethod, ProviderRef, Reason, RefundRef, event::event_group,
};

event_group! {
    /// An event of the Payment decider.
    PaymentEvent {
        PaymentRequested @ 1,
        PaymentSubmitted @ 1,
        PaymentApproved @ 1,
        PaymentDeclined @ 1,
        PaymentOutcomeUnknown @ 1,
        PaymentExpired @ 1,
        PaymentVoided @ 1,
        RefundRequested @ 1,
        PaymentRefunded @ 1,
        RefundFailed @ 1,
    }
}

/// The money was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequested {
    /// Which attempt at the payment.
    pub attempt: Attempt,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// How it is to be paid.
    pub method: PaymentMethod,
}

/// The provider knows of the payment; nothing was charged yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSubmitted {
    /// Which attempt at the payment.
    pub attempt: Attempt,
    /// The provider's name for it.
    pub provider_ref: ProviderRef,
}

/// The money is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentApproved {
    /// Which attempt at the payment.
    pub attempt: Attempt,
    /// The provider's name for it; nothing for cash.
    pub provider_ref: Option<ProviderRef>,
}

/// The payment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDeclined {
    /// Which attempt at the payment.
    pub attempt: Attempt,
    /// Why.
    pub reason: Reason,
}

/// The provider did not say how the attempt ended; it will be asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOutcomeUnknown {
    /// Which attempt at the payment.
    pub attempt: Attempt,
    /// How often its outcome was unknown by now: 1, 2, 3 …
    pub check: Attempt,
    /// What happened instead.
    pub reason: Reason,
}

/// The deadline passed and nothing was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentExpired {
    /// Which attempt at the payment.
    pub attempt: Attempt,
}

/// The order is being cancelled and nothing was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentVoided {
    /// Which attempt at the payment.
    pub attempt: Attempt,
}

/// The money is to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequested {
    /// Which attempt at the refund.
    pub attempt: Attempt,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
}

/// The money went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    /// Which attempt at the refund.
    pub attempt: Attempt,
    /// The provider's name for it; nothing for cash.
    pub refund_ref: Option<RefundRef>,
}

/// The refund was refused, or nobody knows how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFailed {
    /// Which attempt at the refund.
    pub attempt: Attempt,
    /// Why.
    pub reason: Reason,
}
