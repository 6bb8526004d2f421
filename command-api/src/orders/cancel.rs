//! `DELETE /orders/{id}`: asks for the cancellation of an order.
//!
//! 202, because what was begun is undone first. Asking again changes nothing and is answered with 202 again.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::{CancellationCause, OrderCommand};
use ordertrace_http::{OrderResource, Problem};

use crate::{CommandApi, caller::Caller, order_path::OrderPath};

pub(super) const ROUTE: &str = "/orders/{id}";

pub(super) async fn cancel(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = OrderCommand::RequestCancellation {
        cause: CancellationCause::Requested,
        reason: None,
    };
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::ACCEPTED, OrderResource::of))
}
