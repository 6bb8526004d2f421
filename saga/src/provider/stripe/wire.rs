//! What Stripe's answers hold, as far as it is looked at.
//!
//! Invariant: whatever decides over money is required, so that an answer without it is no answer. Fields that are not
//! named here are not read.

use ordertrace_domain::{Amount, Currency, ProviderRef};
use serde::Deserialize;

use super::units;

/// What Stripe's words have in common when it knows what it is asked for, but not for our key. It has no code for that:
/// what is simply not there has the same one.
const ELSEWHERE: [&str; 2] = [
    // "…; a similar object exists in test mode, but a live mode key was used to make this request."
    "a similar object exists in",
    // "…; It's possible this PaymentMethod exists on one of your connected accounts, …"
    "exists on one of your connected accounts",
];

/// <https://docs.stripe.com/api/payment_intents/object>
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    /// In Stripe's units, as all amounts here.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: String,
    /// Stripe always says it; imitations of it may not.
    amount_received: Option<i64>,
    pub(super) last_payment_error: Option<ApiError>,
}

impl Intent {
    pub(super) fn is(&self, asked: &ProviderRef) -> bool {
        self.id == asked.as_str()
    }

    pub(super) fn is_over(&self, amount: Amount, currency: Currency) -> bool {
        self.currency.eq_ignore_ascii_case(currency.code())
            && units::from_stripe(self.amount, currency) == Some(amount)
    }

    /// Whether what was received, if it says so, is what was asked for.
    pub(super) fn is_paid_in_full(&self) -> bool {
        self.amount_received
            .is_none_or(|received| received == self.amount)
    }
}

/// <https://docs.stripe.com/api/refunds/object>
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) status: Option<String>,
    pub(super) failure_reason: Option<String>,
}

/// A page of an intent's refunds, the latest first.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refunds {
    pub(super) data: Vec<Refund>,
    pub(super) has_more: bool,
}

/// <https://docs.stripe.com/api/errors>
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ApiError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) param: Option<String>,
    /// The intent that the error is about.
    pub(super) payment_intent: Option<Box<Intent>>,
}

impl ApiError {
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    pub(super) fn is_of(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Whether what it was asked for is there in the other mode, live or test, or may be in another account.
    pub(super) fn is_elsewhere(&self) -> bool {
        let text = self.message.as_deref().unwrap_or_default();
        ELSEWHERE.iter().any(|words| text.contains(words))
    }
}

/// What surrounds an [`ApiError`].
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ApiError,
}
