//! What can be done with an order: a form each, and the API's call behind it.
//!
//! Invariant: an action is offered only where the domain takes it, which a test walks; but the domain decides, not the
//! page. A form carries the version that was looked at, so that nobody acts on what they have not seen.

use axum::http::{HeaderName, Method, header};
use ordertrace_domain::OrderId;
use ordertrace_http::Access;
use serde::Serialize;
use serde_json::Value;

use crate::api::{Answer, Api, ApiError, Caller};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Approve,
    Decline,
    Start,
    Complete,
    Fail,
    Refund,
    Cancel,
}

/// What a form of an action says.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) version: String,
    pub(super) reason: String,
}

#[derive(Serialize)]
struct Reason<'a> {
    reason: &'a str,
}

impl Action {
    const ALL: [Self; 7] = [
        Self::Approve,
        Self::Decline,
        Self::Start,
        Self::Complete,
        Self::Fail,
        Self::Refund,
        Self::Cancel,
    ];

    /// The action of this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// What can be done in a state of the API's, most likely first. What the saga does by itself is not among it.
    pub(crate) fn offered(state: &str, payment_type: &str) -> Vec<Self> {
        use Action::{Approve, Cancel, Complete, Decline, Fail, Refund, Start};
        match state {
            "payment_requested" if payment_type == "cash" => vec![Approve, Decline, Cancel],
            "placed" | "payment_requested" | "payment_submitted" | "payment_unknown" => {
                vec![Cancel]
            }
            "payment_approved" => vec![Refund, Cancel],
            "delivery_prepared" | "delivery_failed" => vec![Start, Refund, Cancel],
            "delivery_started" => vec![Complete, Fail, Refund, Cancel],
            "refund_failed" => vec![Refund],
            _ => vec![],
        }
    }

    /// Its name in paths.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Start => "start",
            Self::Complete => "complete",
            Self::Fail => "fail",
            Self::Refund => "refund",
            Self::Cancel => "cancel",
        }
    }

    /// Who may do it.
    pub(crate) const fn access(self) -> Access {
        match self {
            Self::Approve | Self::Decline | Self::Refund => Access::PAYMENTS,
            Self::Start | Self::Complete | Self::Fail => Access::DELIVERIES,
            Self::Cancel => Access::ORDERS,
        }
    }

    /// What stands on its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve payment",
            Self::Decline => "Decline payment",
            Self::Start => "Start delivery",
            Self::Complete => "Complete delivery",
            Self::Fail => "Not handed over",
            Self::Refund => "Refund",
            Self::Cancel => "Cancel order",
        }
    }

    /// What it leads to, for whoever is asked to confirm it.
    pub(crate) const fn consequence(self) -> &'static str {
        match self {
            Self::Approve => "The money is there; the goods go out.",
            Self::Decline => "The payment is refused, and the order is rejected.",
            Self::Start => "The goods go out.",
            Self::Complete => "The goods have arrived, and the order is completed.",
            Self::Fail => "The next attempt follows, or the delivery is given up.",
            Self::Refund => "The money goes back, the goods are called back, and the order ends.",
            Self::Cancel => "Whatever was begun is undone, and the order ends.",
        }
    }

    /// Whether it says how far the goods have come.
    pub(crate) const fn is_of_the_delivery(self) -> bool {
        matches!(self, Self::Start | Self::Complete | Self::Fail)
    }

    /// Whether it is asked for twice: what it does is not taken back.
    pub(super) const fn is_destructive(self) -> bool {
        matches!(self, Self::Decline | Self::Refund | Self::Cancel)
    }

    /// Whether somebody may say why.
    pub(super) const fn takes_reason(self) -> bool {
        matches!(self, Self::Decline | Self::Fail)
    }

    /// Calls the API. The position says where the log stood right after.
    ///
    /// # Errors
    /// When the API does not carry it out.
    pub(super) async fn carry_out(
        self,
        api: &Api,
        caller: &Caller,
        id: OrderId,
        sent: &Sent,
    ) -> Result<Answer<Value>, ApiError> {
        let if_match = format!("\"{}\"", sent.version);
        let mut extra = vec![(
            HeaderName::from_static("idempotency-key"),
            sent.key.as_str(),
        )];
        if !sent.version.is_empty() {
            extra.push((header::IF_MATCH, if_match.as_str()));
        }
        let part = match self {
            Self::Cancel => {
                let path = format!("/orders/{id}");
                return api.order(caller, Method::DELETE, &path, &extra).await;
            }
            Self::Approve | Self::Decline | Self::Refund => "payments",
            Self::Start | Self::Complete | Self::Fail => "deliveries",
        };
        let path = format!("/{part}/{id}/{}", self.name());
        if self.takes_reason() && !sent.reason.is_empty() {
            let reason = Reason {
                reason: &sent.reason,
            };
            return api.post(caller, &path, &reason, &extra).await;
        }
        api.order(caller, Method::POST, &path, &extra).await
    }
}

#[cfg(test)]
mod tests;
