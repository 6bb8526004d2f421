//! `POST /payments/{id}/refund`: the money is to go back. An order on its way is withdrawn with it.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::PaymentCommand;
use ordertrace_http::{PaymentResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{PAYMENTS, command, done},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/payments/{id}/refund";

pub(super) fn described() -> Described {
    command("refundPayment", PAYMENTS, "The money is to go back")
        .explained("An order on its way is withdrawn with it, and its goods are called back.")
        .answers(|schemas| {
            done::<PaymentResource>(
                schemas,
                StatusCode::OK,
                "The payment as it was right after the command.",
            )
        })
}

pub(super) async fn refund(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = PaymentCommand::RequestRefund;
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, PaymentResource::of))
}
