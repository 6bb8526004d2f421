//! `GET /ops/stuck/{orderId}`: what happened to an order, and what to do about it.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_http::{
    Problem,
    openapi::{Answer, Described},
};

use super::resource::CaseResource;
use crate::routes::{
    Ops,
    openapi::call_about_order,
    request::{OrderPath, TakesJson},
};

pub(super) const ROUTE: &str = "/ops/stuck/{id}";

pub(super) fn described() -> Described {
    call_about_order(
        "getStuckOrder",
        "What happened to one order, and what to do about it",
    )
    .answers(|schemas| {
        let case = schemas.of::<CaseResource>();
        Answer::json(StatusCode::OK, case, "The order's case, stuck or not.")
    })
}

pub(super) async fn show(
    State(ops): State<Ops>,
    _: TakesJson,
    OrderPath(id): OrderPath,
) -> Result<Json<CaseResource>, Problem> {
    let case = ops.case(id).await?;
    Ok(Json(CaseResource::of(&case, ops.log.incarnation())))
}
