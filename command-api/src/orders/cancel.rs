//! `DELETE /orders/{id}`: asks for the cancellation of an order.
//!
//! 202, because what was begun is undone first. Asking again changes nothing and is answered with 202 again.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::{CancellationCause, OrderCommand};
use ordertrace_http::{OrderResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{ORDERS, command, done},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/orders/{id}";

pub(super) fn described() -> Described {
    command(
        "cancelOrder",
        ORDERS,
        "Asks for the cancellation of an order",
    )
    .explained("Whatever was begun is undone first. Asking again changes nothing.")
    .answers(|schemas| {
        done::<OrderResource>(schemas, StatusCode::ACCEPTED, "The order, to be cancelled.")
    })
}

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
