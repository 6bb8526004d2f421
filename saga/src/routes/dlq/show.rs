//! `GET /ops/dlq/{id}`: one parked message.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_http::{
    Problem,
    openapi::{Answer, Described},
};

use super::letter::LetterResource;
use crate::routes::{
    Ops,
    openapi::call_about_letter,
    request::{LetterPath, TakesJson},
};

pub(super) const ROUTE: &str = "/ops/dlq/{id}";

pub(super) fn described() -> Described {
    call_about_letter("getDeadLetter", "One parked message").answers(|schemas| {
        let letter = schemas.of::<LetterResource>();
        Answer::json(StatusCode::OK, letter, "The message.")
    })
}

pub(super) async fn show(
    State(ops): State<Ops>,
    _: TakesJson,
    LetterPath(id): LetterPath,
) -> Result<Json<LetterResource>, Problem> {
    let letter = ops.letter(&id).await?;
    Ok(Json(LetterResource::of(&letter, ops.log.incarnation())))
}
