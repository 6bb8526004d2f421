//! `POST /ops/dlq/{id}/discard`: a parked message is not to be handled any more. It stays on record, with the reason.

use axum::{Json, extract::State};
use ordertrace_domain::{DeadLetter, Reason, Verdict};
use ordertrace_http::{Faulty, Fields, FromJson, JsonBody, Problem, ProblemKind};

use super::letter::LetterResource;
use crate::routes::{
    Ops,
    request::{LetterPath, TakesJson},
};

/// `{"reason": "…"}`
pub(super) struct Discard {
    reason: Reason,
}

impl FromJson for Discard {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let reason = fields.required("reason", |value| Ok(Reason::parse(value.text()?)?))?;
        Ok(Self { reason })
    }
}

pub(super) async fn discard(
    State(ops): State<Ops>,
    _: TakesJson,
    LetterPath(id): LetterPath,
    JsonBody(Discard { reason }): JsonBody<Discard>,
) -> Result<Json<LetterResource>, Problem> {
    let letter = ops.settle(&id, |letter| decide(letter, &reason)).await?;
    Ok(Json(LetterResource::of(&letter, ops.log.incarnation())))
}

fn decide(letter: &DeadLetter, reason: &Reason) -> Result<Option<Verdict>, Problem> {
    let verdict = letter.settled.as_ref().map(|settled| &settled.verdict);
    match verdict {
        Some(Verdict::Discarded { reason: known }) if known == reason => Ok(None),
        Some(Verdict::Discarded { .. }) => Err(Problem::new(
            ProblemKind::IllegalTransition,
            "the message was discarded before, for another reason",
        )
        .with_code("LetterAlreadyDiscarded")),
        None | Some(Verdict::Retried) => Ok(Some(Verdict::Discarded {
            reason: reason.clone(),
        })),
    }
}
