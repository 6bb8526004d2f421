//! `POST /payments/{id}/refund`: the money is to go back. An order on its way is withdrawn with it.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::PaymentCommand;
use ordertrace_http::{PaymentResource, Problem};

use crate::{CommandApi, caller::Caller, order_path::OrderPath};

pub(super) const ROUTE: &str = "/payments/{id}/refund";

pub(super) async fn refund(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = PaymentCommand::RequestRefund;
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, PaymentResource::of))
}
