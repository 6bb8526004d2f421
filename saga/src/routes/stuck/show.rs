//! `GET /ops/stuck/{orderId}`: what happened to an order, and what to do about it.

use axum::{Json, extract::State};
use ordertrace_http::Problem;

use super::resource::CaseResource;
use crate::routes::{
    Ops,
    request::{OrderPath, TakesJson},
};

pub(super) async fn show(
    State(ops): State<Ops>,
    _: TakesJson,
    OrderPath(id): OrderPath,
) -> Result<Json<CaseResource>, Problem> {
    let case = ops.case(id).await?;
    Ok(Json(CaseResource::of(&case, ops.log.incarnation())))
}
