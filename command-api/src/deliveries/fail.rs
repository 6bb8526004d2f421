//! `POST /deliveries/{id}/fail`: the goods could not be handed over.

use axum::{extract::State, http::StatusCode, response::Response};
use ordertrace_domain::{DeliveryCommand, Reason};
use ordertrace_http::{DeliveryResource, JsonBody, Problem, openapi::Described};

use crate::{
    CommandApi,
    caller::Caller,
    openapi::{DELIVERIES, command, done, with_reason},
    order_path::OrderPath,
    reason::Explained,
};

pub(super) const ROUTE: &str = "/deliveries/{id}/fail";

pub(super) fn described() -> Described {
    with_reason(
        command(
            "failDelivery",
            DELIVERIES,
            "The goods could not be handed over",
        )
        .explained("Another attempt may follow.")
        .answers(|schemas| {
            done::<DeliveryResource>(
                schemas,
                StatusCode::OK,
                "The delivery as it was right after the command.",
            )
        }),
        "nobody home",
    )
}

/// What stands in the event when nobody said why. It is part of the command's fingerprint: changed words would make a
/// repeat of an old request another request.
const UNEXPLAINED: &str = "not handed over";

pub(super) async fn fail(
    State(api): State<CommandApi>,
    OrderPath(id): OrderPath,
    caller: Caller,
    body: Option<JsonBody<Explained>>,
) -> Result<Response, Problem> {
    let command = DeliveryCommand::FailDelivery {
        reason: Explained::reason(body).unwrap_or_else(|| Reason::lossy(UNEXPLAINED)),
    };
    let done = api.carry_out(&caller.command(ROUTE, id, command)).await?;
    Ok(done.answer(StatusCode::OK, DeliveryResource::of))
}
