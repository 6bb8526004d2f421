//! `POST /deliveries/{id}/start`: the goods go out, for the first time or after a failed attempt.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::DeliveryCommand;
use ordertrace_http::{DeliveryResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{DELIVERIES, command, done},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/deliveries/{id}/start";

pub(super) fn described() -> Described {
    command("startDelivery", DELIVERIES, "The goods go out")
        .explained("For the first time, or after a failed attempt.")
        .answers(|schemas| {
            done::<DeliveryResource>(
                schemas,
                StatusCode::OK,
                "The delivery as it was right after the command.",
            )
        })
}

pub(super) async fn start(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = DeliveryCommand::StartDelivery;
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, DeliveryResource::of))
}
