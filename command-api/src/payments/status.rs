//! `PUT` and `PATCH /payments/{id}`: the original system's way to close a payment.
//!
//! Its clients send the whole payment back. Only `paymentStatus` is read: all the rest is settled by the order.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_http::{Fault, Faulty, Fields, FromJson, JsonBody, PaymentResource, Problem};

use super::{approve, decline};
use crate::{CommandApi, caller::Caller, order_path::OrderPath};

pub(super) const ROUTE: &str = "/payments/{id}";

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
