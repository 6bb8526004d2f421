//! What a client asks for: as a request, and as the domain knows it.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Command, CommandId, DeliveryCommand, IdempotencyKey, OrderCommand, OrderId,
    PaymentCommand, RequestIdentity, Version,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::{Api, Call};
use super::Heard;

/// A client waits no longer; after that it knows nothing.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What the API calls whoever does not log in.
const PRINCIPAL: &str = "anonymous";

/// A kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Place,
    Approve,
    Complete,
    Cancel,
    /// Asks which version the order is at, by a command that expects one it never comes to: the refusal names the version, and
    /// the promise is that no refusal rests on a stale read.
    ReadVersion,
    /// Asks a view, no older than what the client has seen: at least this version of the order, at this position.
    Look,
}

/// An operation that a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) order: OrderId,
    pub(crate) action: Action,
    pub(crate) key: Option<String>,
    /// The version that the client expects.
    pub(crate) if_match: Option<u64>,
    /// What the client knows of the order: a version, and where that stands.
    pub(crate) seen: Option<(u64, String)>,
    /// What is ordered; for `Place` alone.
    pub(crate) is_card: bool,
}

impl Action {
    /// Its word in a history.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Approve => "approve",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::ReadVersion => "read-version",
            Self::Look => "look",
        }
    }

    /// The method and the route, as the command's id has them.
    const fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::Place => ("POST", "/orders"),
            Self::Approve | Self::ReadVersion => ("POST", "/payments/{id}/approve"),
            Self::Complete => ("POST", "/deliveries/{id}/complete"),
            Self::Cancel => ("DELETE", "/orders/{id}"),
            Self::Look => ("GET", "/orderTraces/{id}"),
        }
    }

    /// The command to an order that is there; `None` for one that makes an order, or none at all.
    pub(super) fn command(self) -> Option<Command> {
        match self {
            Self::Place | Self::Look => None,
            Self::Approve | Self::ReadVersion => {
                Some(PaymentCommand::ApprovePayment { provider_ref: None }.into())
            }
            Self::Complete => Some(DeliveryCommand::CompleteDelivery.into()),
            Self::Cancel => Some(
                OrderCommand::RequestCancellation {
                    cause: CancellationCause::Requested,
                    reason: None,
                }
                .into(),
            ),
        }
    }
}

impl Ask {
    /// A new operation, without key or expectation.
    pub(crate) const fn new(order: OrderId, action: Action) -> Self {
        Self {
            order,
            action,
            key: None,
            if_match: None,
            seen: None,
            is_card: false,
        }
    }

    /// The command's id; `None` for one that has no key, and so no other operation that is the same command.
    pub(super) fn command_id(&self) -> Option<CommandId> {
        let key = IdempotencyKey::parse(self.key.as_deref()?).unwrap();
        let (method, route) = self.action.route();
        let order = self.order.to_string();
        let is_creation = self.action == Action::Place;
        let identity = RequestIdentity {
            principal: PRINCIPAL,
            method,
            route,
            resource: if is_creation { "" } else { &order },
            key: &key,
        };
        Some(identity.command_id())
    }

    /// Sends it, and waits for the answer.
    pub(super) async fn send(&self, api: &Api) -> Heard {
        match timeout(ANSWER_MAX, api.try_call(&self.call())).await {
            Ok(Ok(answer)) => Heard::of(self, &answer),
            // Whoever was never connected has not been heard.
            Ok(Err(error)) if error.is_connect() => Heard::Unchanged(format!("{error:?}")),
            Ok(Err(error)) => Heard::Unknown(format!("{error:?}")),
            Err(_) => Heard::Unknown(format!("no answer within {ANSWER_MAX:?}")),
        }
    }

    fn call(&self) -> Call {
        let (method, route) = self.action.route();
        let mut path = route.replace("{id}", &self.order.to_string());
        if let (Action::Look, Some((_, position))) = (self.action, &self.seen) {
            path = format!("{path}?after={position}");
        }
        let mut call = Call::new(Method::from_bytes(method.as_bytes()).unwrap(), path);
        call.body = (self.action == Action::Place).then(|| self.body());
        call.key.clone_from(&self.key);
        call.if_match = match self.action {
            Action::ReadVersion => Some(Version::MAX.get()),
            _ => self.if_match,
        };
        call
    }

    fn body(&self) -> Value {
        let mut body = json!({"productId": 1, "qty": 1, "cost": 1_000, "productName": "Coffee", "paymentType": "cash"});
        if self.is_card {
            body["paymentType"] = "card".into();
            body["paymentMethod"] = "pm_card_visa".into();
        }
        body
    }
}

/// The id of the order that a request under this key places.
pub(crate) fn order_placed_by(key: &str) -> OrderId {
    let key = IdempotencyKey::parse(key).unwrap();
    let (method, route) = Action::Place.route();
    let identity = RequestIdentity {
        principal: PRINCIPAL,
        method,
        route,
        resource: "",
        key: &key,
    };
    identity.order_id()
}
