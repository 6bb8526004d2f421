//! `POST /ops/dlq/{id}/discard`: a parked message is not to be handled any more. It stays on record, with the reason.

use axum::{Json, extract::State};
use ordertrace_domain::{DeadLetter, Reason, Verdict};
use ordertrace_http::{Faulty, Fields, FromJson, JsonBody, Problem, ProblemKind};

use super::{Decide, letter::LetterResource};
use crate::routes::{
    Ops,
    request::{DryRun, LetterPath, TakesJson},
};

/// `{"reason": "…"}`, and `"dryRun"`
pub(super) struct Discard {
    reason: Reason,
    is_dry: bool,
}

impl FromJson for Discard {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let reason = fields.required("reason", |value| Ok(Reason::parse(value.text()?)?))?;
        let DryRun { is_dry } = DryRun::from_json(fields)?;
        Ok(Self { reason, is_dry })
    }
}

pub(super) async fn discard(
    State(ops): State<Ops>,
    _: TakesJson,
    LetterPath(id): LetterPath,
    JsonBody(wanted): JsonBody<Discard>,
) -> Result<Json<LetterResource>, Problem> {
    let letter = if wanted.is_dry {
        ops.check(&id, &wanted).await?
    } else {
        ops.settle(&id, &wanted).await?
    };
    Ok(Json(LetterResource::of(&letter, ops.log.incarnation())))
}

impl Decide for Discard {
    async fn decide(&self, _: &Ops, letter: &DeadLetter) -> Result<Option<Verdict>, Problem> {
        let reason = &self.reason;
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
}
