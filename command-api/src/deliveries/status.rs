//! `PUT` and `PATCH /deliveries/{id}`: the original system's way to move a delivery on.
//!
//! Its clients send the whole delivery back; only `deliveryStatus` is read. `CANCEL` is not taken: a delivery is called
//! back only together with its order, and a failed attempt is no end of it. Both have calls of their own.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::DeliveryCommand;
use ordertrace_http::{
    DeliveryResource, Fault, Faulty, Fields, FromJson, JsonBody, Problem,
    openapi::{Described, Schemas, word},
};
use serde_json::json;
use utoipa::openapi::{
    Required,
    schema::{Object, ObjectBuilder},
};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{DELIVERIES, command, done, with_body},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/deliveries/{id}";

/// The words that are read; the body may hold anything beside them.
const WORDS: [&str; 2] = ["START", "END"];

pub(super) fn described(id: &str) -> Described {
    let examples = [("status", json!({ "deliveryStatus": "START" }))];
    let schema = |schemas: &mut Schemas| schemas.named("DeliveryStatus", schema());
    let described = command(id, DELIVERIES, "Moves a delivery on, as the original system does")
        .explained("`START` when the goods go out, `END` when they have arrived. The whole delivery may be sent back; only the status is read.")
        .answers(|schemas| done::<DeliveryResource>(schemas, StatusCode::OK, "The delivery as it was right after the command."));
    with_body(described, Required::True, schema, &examples)
}

fn schema() -> Object {
    ObjectBuilder::new()
        .property("deliveryStatus", word(&WORDS))
        .required("deliveryStatus")
        .build()
}

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
