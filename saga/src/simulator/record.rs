//! What the ledger is made of. Each change is one [`Line`], kept in the journal as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::magic::Step;

/// How an intent stands, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    RequiresPaymentMethod,
    RequiresConfirmation,
    Succeeded,
    Canceled,
}

impl Standing {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// What is asked of a new intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) payment_method: Option<String>,
    pub(super) description: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    /// In seconds since 1970.
    pub(super) at: i64,
}

impl Wish {
    /// The order that the caller said it is for.
    pub(super) fn order_id(&self) -> &str {
        self.metadata.get("order_id").map_or("", String::as_str)
    }

    /// What tells wishes apart: the order, and which attempt at its payment.
    pub(super) fn subject(&self) -> String {
        let part = |name: &str| self.metadata.get(name).map_or("none", String::as_str);
        format!("{}_{}", part("order_id"), part("attempt"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) wish: Wish,
    pub(super) standing: Standing,
    /// Whether a confirmation of it was declined.
    pub(super) was_declined: bool,
    /// How often a confirmation was carried out.
    pub(super) confirmations: u32,
}

impl Intent {
    pub(super) fn captured(&self) -> i64 {
        if self.standing == Standing::Succeeded {
            self.wish.amount
        } else {
            0
        }
    }

    /// The name of its charge, if one was tried.
    pub(super) fn charge(&self) -> Option<String> {
        (self.confirmations > 0).then(|| self.id.replacen("pi_", "ch_", 1))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) amount: i64,
    pub(super) metadata: BTreeMap<String, String>,
    /// In seconds since 1970.
    pub(super) at: i64,
}

/// What was answered to the first request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) key: String,
    /// The request's method, path and body.
    pub(super) request: String,
    pub(super) status: u16,
    pub(super) body: Value,
}

/// One change of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// An intent is there, or stands otherwise.
    Intent(Intent),
    /// Money went back.
    Refund(Refund),
    /// A request named this intent.
    Asked(String),
    /// An answer is kept for repeats of its request.
    Stored(Stored),
    /// What had to go wrong at a step has gone wrong.
    Stumbled(String, Step),
}
