//! What can be asked of a payment.

use serde::Serialize;

use crate::{ProviderRef, Reason, RefundRef};

/// A command to the Payment decider.
///
/// Where a command has a `provider_ref`, it is the provider's own word on that attempt. A payment that was submitted
/// closes by such a word only; anybody else's command has `None` and is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PaymentCommand {
    /// Ask for the money.
    RequestPayment,
    /// The provider knows of the payment, which is not confirmed yet: from here on it can always be found again.
    SubmitPayment {
        /// The provider's name for the attempt.
        provider_ref: ProviderRef,
    },
    /// The money is there: cash by somebody's word, a card by the provider's.
    ApprovePayment {
        /// The provider's attempt; `None` for cash.
        provider_ref: Option<ProviderRef>,
    },
    /// The payment was refused.
    DeclinePayment {
        /// The provider's attempt, if one was submitted.
        provider_ref: Option<ProviderRef>,
        /// Why.
        reason: Reason,
    },
    /// The provider did not say how the attempt ended.
    MarkPaymentUnknown {
        /// What happened instead.
        reason: Reason,
    },
    /// The deadline passed and nothing was charged.
    ExpirePayment {
        /// The attempt that the provider cancelled, if one was submitted.
        provider_ref: Option<ProviderRef>,
    },
    /// The order is being cancelled and nothing was charged.
    VoidPayment {
        /// The attempt that the provider cancelled, if one was submitted.
        provider_ref: Option<ProviderRef>,
    },
    /// Give the money back. On an order that is on its way this withdraws the order, too.
    RequestRefund,
    /// The money went back.
    ConfirmRefund {
        /// The provider's refund; `None` for cash.
        refund_ref: Option<RefundRef>,
    },
    /// The refund was refused, or nobody knows how it ended.
    FailRefund {
        /// Why.
        reason: Reason,
    },
}
