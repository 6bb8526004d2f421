//! `POST /ops/dlq/{id}/discard`: a parked message is not to be handled any more. It stays on record, with the reason.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_domain::{DeadLetter, Reason, Verdict};
use ordertrace_http::{
    Faulty, Fields, FromJson, JsonBody, Principal, Problem, ProblemKind,
    openapi::{Answer, Described, Schemas, line_of_text},
};
use serde_json::json;
use utoipa::openapi::{RefOr, Required, Schema, schema::ObjectBuilder};

use super::{Decide, letter::LetterResource};
use crate::routes::{
    Ops,
    openapi::{call_about_letter, closed, dry_run, with_body},
    request::{DryRun, LetterPath, TakesJson},
};

pub(super) const ROUTE: &str = "/ops/dlq/{id}/discard";

pub(super) fn described() -> Described {
    let described = call_about_letter(
        "discardDeadLetter",
        "Has a parked message not handled any more",
    )
    .explained("It stays on record, with the reason.")
    .answers(|schemas| {
        let letter = schemas.of::<LetterResource>();
        Answer::json(
            StatusCode::OK,
            letter,
            "The message; in a dry run, as it is.",
        )
    })
    .problems([ProblemKind::VersionConflict]);
    let example = json!({ "reason": "settled by hand", "dryRun": true });
    with_body(described, Required::True, schema, example)
}

fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
    let reason = line_of_text(Reason::CHARS_MAX);
    let discard = ObjectBuilder::new().property("reason", reason);
    schemas.named("Discard", closed(dry_run(discard.required("reason"))))
}

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
    operator: Principal,
    LetterPath(id): LetterPath,
    JsonBody(wanted): JsonBody<Discard>,
) -> Result<Json<LetterResource>, Problem> {
    let letter = if wanted.is_dry {
        ops.check(&id, &wanted).await?
    } else {
        ops.settle(&id, &wanted, &operator.id).await?
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
