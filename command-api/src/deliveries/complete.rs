//! `POST /deliveries/{id}/complete`: the goods have arrived.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::DeliveryCommand;
use ordertrace_http::{DeliveryResource, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{DELIVERIES, command, done},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/deliveries/{id}/complete";

pub(super) fn described() -> Described {
    command("completeDelivery", DELIVERIES, "The goods have arrived").answers(|schemas| {
        done::<DeliveryResource>(
            schemas,
            StatusCode::OK,
            "The delivery as it was right after the command.",
        )
    })
}

pub(super) async fn complete(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = DeliveryCommand::CompleteDelivery;
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, DeliveryResource::of))
}
