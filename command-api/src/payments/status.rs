//! `PUT` and `PATCH /payments/{id}`: the original system's way to close a payment.
//!
//! Its clients send the whole payment back. Only `paymentStatus` is read: all the rest is settled by the order.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_http::{
    Fault, Faulty, Fields, FromJson, JsonBody, PaymentResource, Problem,
    openapi::{Described, Schemas, word},
};
use serde_json::json;
use utoipa::openapi::{
    Required,
    schema::{Object, ObjectBuilder},
};

use super::{approve, decline};
use crate::{
    CommandApi,
    caller::Caller,
    openapi::{PAYMENTS, command, done, with_body},
    order_path::OrderPath,
};

pub(super) const ROUTE: &str = "/payments/{id}";

/// The words that are read; the body may hold anything beside them.
const WORDS: [&str; 2] = ["END", "CANCEL"];

pub(super) fn described(id: &str) -> Described {
    let examples = [("status", json!({ "paymentStatus": "END" }))];
    let schema = |schemas: &mut Schemas| schemas.named("PaymentStatus", schema());
    let described = command(id, PAYMENTS, "Closes a payment, as the original system does")
        .explained("`END` approves it, `CANCEL` declines it. The whole payment may be sent back; only the status is read.")
        .answers(|schemas| done::<PaymentResource>(schemas, StatusCode::OK, "The payment as it was right after the command."));
    with_body(described, Required::True, schema, &examples)
}

fn schema() -> Object {
    ObjectBuilder::new()
        .property("paymentStatus", word(&WORDS))
        .required("paymentStatus")
        .build()
}

/// What a client may make of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaymentStatus {
    End,
    Cancel,
}

impl FromJson for PaymentStatus {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        fields.ignore_others();
        fields.required("paymentStatus", |value| match value.text()?.as_str() {
            "END" => Ok(Self::End),
            "CANCEL" => Ok(Self::Cancel),
            _ => Err(Fault::validation(
                "must be \"END\" to approve the payment or \"CANCEL\" to decline it",
            )),
        })
    }
}

pub(super) async fn set_status(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
    JsonBody(status): JsonBody<PaymentStatus>,
) -> Result<Response, Problem> {
    let command = match status {
        PaymentStatus::End => approve::command(),
        PaymentStatus::Cancel => decline::command(None),
    };
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, PaymentResource::of))
}
