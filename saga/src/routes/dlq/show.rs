//! `GET /ops/dlq/{id}`: one parked message.

use axum::{Json, extract::State};
use ordertrace_http::Problem;

use super::letter::LetterResource;
use crate::routes::{
    Ops,
    request::{LetterPath, TakesJson},
};

pub(super) async fn show(
    State(ops): State<Ops>,
    _: TakesJson,
    LetterPath(id): LetterPath,
) -> Result<Json<LetterResource>, Problem> {
    let letter = ops.letter(&id).await?;
    Ok(Json(LetterResource::of(&letter, ops.log.incarnation())))
}
