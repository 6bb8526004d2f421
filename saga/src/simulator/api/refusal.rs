//! Refusals in Stripe's form: `{"error": {"type", "code", "message", …}}`.

use axum::{
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    super::{
        record::{Intent, Standing},
        rules::Refusal,
    },
    answer::Answer,
    objects,
};

/// A request that was answered by an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError(Answer);

const CANCELABLE: &str =
    "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing";

impl ApiError {
    fn new(status: StatusCode, error: Value) -> Self {
        Self(Answer {
            status: status.as_u16(),
            body: json!({ "error": error }),
        })
    }

    fn invalid(error: Value) -> Self {
        let mut error = error;
        error["type"] = json!("invalid_request_error");
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(super) fn into_answer(self) -> Answer {
        self.0
    }

    pub(super) fn no_secret() -> Self {
        let message = "You did not provide an API key. Provide it in the Authorization header, using Bearer auth.";
        Self::new(
            StatusCode::UNAUTHORIZED,
            json!({"type": "invalid_request_error", "message": message}),
        )
    }

    pub(super) fn unrecognized(method: &Method, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::new(
            StatusCode::NOT_FOUND,
            json!({"type": "invalid_request_error", "message": message}),
        )
    }

    pub(super) fn missing(name: &str) -> Self {
        let message = format!("Missing required param: {name}.");
        Self::invalid(json!({"code": "parameter_missing", "param": name, "message": message}))
    }

    pub(super) fn unknown(name: &str) -> Self {
        let message = format!("Received unknown parameter: {name}");
        Self::invalid(json!({"code": "parameter_unknown", "param": name, "message": message}))
    }

    pub(super) fn no_positive_integer(name: &str, value: &str) -> Self {
        let message = format!("Invalid positive integer: {value}");
        let code = "parameter_invalid_integer";
        Self::invalid(json!({"code": code, "param": name, "message": message}))
    }

    pub(super) fn no_currency(value: &str) -> Self {
        let message = format!("Invalid currency: {value}.");
        Self::invalid(json!({"param": "currency", "message": message}))
    }

    pub(super) fn not_here(name: &str, value: &str) -> Self {
        let message = format!("The simulator takes nothing but {value} for {name}.");
        Self::invalid(json!({"param": name, "message": message}))
    }

    pub(super) fn other_request(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using \
             a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(
            StatusCode::BAD_REQUEST,
            json!({"type": "idempotency_error", "message": message}),
        )
    }

    pub(super) fn rate_limited() -> Self {
        let message = "Request rate limit exceeded.";
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            json!({"type": "invalid_request_error", "code": "rate_limit", "message": message}),
        )
    }

    pub(super) fn broken() -> Self {
        let message = "An unknown error occurred";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            json!({"type": "api_error", "message": message}),
        )
    }

    fn unexpected_state(intent: &Intent, message: &str) -> Self {
        let code = "payment_intent_unexpected_state";
        Self::invalid(json!({
            "code": code, "message": message, "payment_intent": objects::intent(intent),
        }))
    }

    /// The provider won't: `doing` says what it was asked to do to the intent.
    pub(super) fn refused(refusal: Refusal, doing: &str) -> Self {
        match refusal {
            Refusal::UnknownMethod(method) => Self::invalid(json!({
                "code": "resource_missing",
                "param": "payment_method",
                "message": format!("No such PaymentMethod: '{method}'"),
            })),
            Refusal::UnknownIntent(id) => Self::new(
                StatusCode::NOT_FOUND,
                json!({
                    "type": "invalid_request_error",
                    "code": "resource_missing",
                    "param": "intent",
                    "message": format!("No such payment_intent: '{id}'"),
                }),
            ),
            Refusal::Declined(intent) => {
                let mut error = objects::declined(&intent);
                error["payment_intent"] = objects::intent(&intent);
                Self::new(StatusCode::PAYMENT_REQUIRED, error)
            }
            Refusal::MethodMissing(intent) => Self::unexpected_state(
                &intent,
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
            ),
            Refusal::Ended(intent) => Self::unexpected_state(&intent, &ended(&intent, doing)),
            Refusal::NotCharged(id) => Self::invalid(json!({
                "message": format!("This PaymentIntent ({id}) does not have a successful charge to refund."),
            })),
            Refusal::AlreadyRefunded { charge } => Self::invalid(json!({
                "code": "charge_already_refunded",
                "message": format!("Charge {charge} has already been refunded."),
            })),
            Refusal::TooMuch { asked, left } => Self::invalid(json!({
                "param": "amount",
                "message": format!("Refund amount ({asked}) is greater than unrefunded amount on charge ({left})"),
            })),
        }
    }
}

fn ended(intent: &Intent, doing: &str) -> String {
    let status = intent.standing.word();
    match (doing, intent.standing) {
        ("confirm", Standing::Succeeded) => {
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
                .to_owned()
        }
        ("cancel", _) => format!(
            "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of \
             the following statuses may be canceled: {CANCELABLE}."
        ),
        _ => format!("You cannot {doing} this PaymentIntent because it has a status of {status}."),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
