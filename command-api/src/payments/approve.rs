//! `POST /payments/{id}/approve`: the money is there.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::PaymentCommand;
use ordertrace_http::{PaymentResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{self, PAYMENTS, done},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/payments/{id}/approve";

pub(super) fn described() -> Described {
    openapi::command("approvePayment", PAYMENTS, "The money is there")
        .explained("For cash. A payment by card is closed by its provider alone.")
        .answers(|schemas| {
            done::<PaymentResource>(
                schemas,
                StatusCode::OK,
                "The payment as it was right after the command.",
            )
        })
}

pub(super) async fn approve(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let done = api.carry_out(&caller.command(ROUTE, id, command())).await?;
    Ok(done.answer(StatusCode::OK, PaymentResource::of))
}

/// Approval of cash; a card's approval names the provider's attempt, which no client can.
pub(super) const fn command() -> PaymentCommand {
    PaymentCommand::ApprovePayment { provider_ref: None }
}
