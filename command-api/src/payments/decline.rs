//! `POST /payments/{id}/decline`: the payment is refused.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::{PaymentCommand, Reason};
use ordertrace_http::{JsonBody, PaymentResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{self, PAYMENTS, done, with_reason},
    order_path::OrderPath,
    reason::Explained,
};

pub(super) const ROUTE: &str = "/payments/{id}/decline";

pub(super) fn described() -> Described {
    with_reason(
        openapi::command("declinePayment", PAYMENTS, "The payment is refused")
            .explained("The order is rejected then.")
            .answers(|schemas| {
                done::<PaymentResource>(
                    schemas,
                    StatusCode::OK,
                    "The payment as it was right after the command.",
                )
            }),
        "no cash",
    )
}

pub(super) async fn decline(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
    body: Option<JsonBody<Explained>>,
) -> Result<Response, Problem> {
    let command = command(Explained::reason(body));
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, PaymentResource::of))
}

/// What stands in the event when nobody said why. It is part of the command's fingerprint: changed words would make a
/// repeat of an old request another request.
const UNEXPLAINED: &str = "declined";

/// Refusal of a payment that no provider has in hand.
pub(super) fn command(reason: Option<Reason>) -> PaymentCommand {
    PaymentCommand::DeclinePayment {
        provider_ref: None,
        reason: reason.unwrap_or_else(|| Reason::lossy(UNEXPLAINED)),
    }
}
