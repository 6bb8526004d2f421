//! `PUT` and `PATCH /deliveries/{id}`: the original system's way to move a delivery on.
//!
//! Its clients send the whole delivery back; only `deliveryStatus` is read. `CANCEL` is not taken: a delivery is called
//! back only together with its order, and a failed attempt is no end of it. Both have calls of their own.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::DeliveryCommand;
use ordertrace_http::{DeliveryResource, Fault, Faulty, Fields, FromJson, JsonBody, Problem};

use crate::{CommandApi, caller::Caller, order_path::OrderPath};

pub(super) const ROUTE: &str = "/deliveries/{id}";

/// What a client may make of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryStatus {
    Start,
    End,
}

impl FromJson for DeliveryStatus {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        fields.ignore_others();
        fields.required("deliveryStatus", |value| match value.text()?.as_str() {
            "START" => Ok(Self::Start),
            "END" => Ok(Self::End),
            _ => Err(Fault::validation(
                "must be \"START\" or \"END\"; DELETE the order to call the goods back, \
                 POST to the delivery's fail when they could not be handed over",
            )),
        })
    }
}

pub(super) async fn set_status(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
    JsonBody(status): JsonBody<DeliveryStatus>,
) -> Result<Response, Problem> {
    let command = match status {
        DeliveryStatus::Start => DeliveryCommand::StartDelivery,
        DeliveryStatus::End => DeliveryCommand::CompleteDelivery,
    };
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, DeliveryResource::of))
}
