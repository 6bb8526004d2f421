//! `POST /ops/dlq/{id}/retry`: the order of a parked message is tried again.
//!
//! The decision is put on record first, and then the saga is woken. The other way round the saga might park the message
//! again before the decision is on record, which would then hide it.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_domain::Verdict;
use ordertrace_http::{JsonBody, Problem, ProblemKind};

use super::letter::LetterResource;
use crate::routes::{
    Ops,
    request::{LetterPath, Nothing, TakesJson},
};

pub(super) async fn retry(
    State(ops): State<Ops>,
    _: TakesJson,
    LetterPath(id): LetterPath,
    _: Option<JsonBody<Nothing>>,
) -> Result<(StatusCode, Json<LetterResource>), Problem> {
    let letter = ops
        .settle(&id, |letter| match letter.parked.order_id {
            Some(_) => Ok(Some(Verdict::Retried)),
            None => Err(nobody_to_wake()),
        })
        .await?;
    let order = letter.parked.order_id.ok_or_else(nobody_to_wake)?;
    ops.wake(order, "the retry is on record, but ").await?;
    let resource = LetterResource::of(&letter, ops.log.incarnation());
    Ok((StatusCode::ACCEPTED, Json(resource)))
}

fn nobody_to_wake() -> Problem {
    Problem::new(
        ProblemKind::IllegalTransition,
        "nobody can tell which order this message belongs to, so there is none to try again; it can be discarded",
    )
    .with_code("LetterOfNoOrder")
}
