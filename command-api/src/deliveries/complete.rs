//! `POST /deliveries/{id}/complete`: the goods have arrived.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::DeliveryCommand;
use ordertrace_http::{DeliveryResource, Problem};

use crate::{CommandApi, caller::Caller, order_path::OrderPath};

pub(super) const ROUTE: &str = "/deliveries/{id}/complete";

pub(super) async fn complete(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
) -> Result<Response, Problem> {
    let command = DeliveryCommand::CompleteDelivery;
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, DeliveryResource::of))
}
