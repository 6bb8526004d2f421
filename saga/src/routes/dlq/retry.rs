//! `POST /ops/dlq/{id}/retry`: the order of a parked message is tried again.
//!
//! The decision is put on record first, and then the saga is woken. The other way round the saga might park the message
//! again before the decision is on record, which would then hide it.
//!
//! Invariant: the message of an order that is seen to have ended is not retried, so it goes on waiting until it is discarded.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_domain::{DeadLetter, Freshness, History, LogError, Verdict};
use ordertrace_http::{
    JsonBody, Principal, Problem, ProblemKind,
    openapi::{Answer, Described},
};

use super::{Decide, letter::LetterResource};
use crate::routes::{
    Ops,
    failure::not_read,
    openapi::{call_about_letter, with_dry_run},
    request::{DryRun, LetterPath, TakesJson},
};

pub(super) const ROUTE: &str = "/ops/dlq/{id}/retry";

pub(super) fn described() -> Described {
    let described = call_about_letter(
        "retryDeadLetter",
        "Tries the order of a parked message again",
    )
    .explained("Puts on record that it is retried, and has the saga look at its order.")
    .answers(|schemas| {
        let letter = schemas.of::<LetterResource>();
        Answer::json(StatusCode::OK, letter, "A dry run: the message as it is.")
    })
    .answers(|schemas| {
        let letter = schemas.of::<LetterResource>();
        Answer::json(
            StatusCode::ACCEPTED,
            letter,
            "The message, on record as retried.",
        )
    })
    .problems([ProblemKind::VersionConflict]);
    with_dry_run(described)
}

pub(super) async fn retry(
    State(ops): State<Ops>,
    _: TakesJson,
    operator: Principal,
    LetterPath(id): LetterPath,
    body: Option<JsonBody<DryRun>>,
) -> Result<(StatusCode, Json<LetterResource>), Problem> {
    if DryRun::of(body).is_dry {
        let letter = ops.check(&id, &Retry).await?;
        let resource = LetterResource::of(&letter, ops.log.incarnation());
        return Ok((StatusCode::OK, Json(resource)));
    }
    let letter = ops.settle(&id, &Retry, &operator.id).await?;
    let order = letter.parked.order_id.ok_or_else(nobody_to_wake)?;
    ops.wake(order, "the retry is on record, but ").await?;
    let resource = LetterResource::of(&letter, ops.log.incarnation());
    Ok((StatusCode::ACCEPTED, Json(resource)))
}

struct Retry;

impl Decide for Retry {
    /// A retry of an order that has ended would do nothing, and yet take the message off the list of what waits: what it
    /// tells of money that was taken would be seen by nobody any more. A history that can't be read is no end: the saga
    /// looks at it again, and parks the message again if it still can't.
    async fn decide(&self, ops: &Ops, letter: &DeadLetter) -> Result<Option<Verdict>, Problem> {
        let order = letter.parked.order_id.ok_or_else(nobody_to_wake)?;
        match ops.log.load(order, Freshness::Current).await {
            Ok(history) if has_ended(&history) => Err(nothing_to_do()),
            Ok(_) | Err(LogError::Broken(_)) => Ok(Some(Verdict::Retried)),
            Err(error @ (LogError::Unavailable(_) | LogError::Recreated)) => Err(not_read(&error)),
        }
    }
}

fn has_ended(history: &History) -> bool {
    let state = history.state();
    state.order().is_some_and(|order| order.phase.has_ended())
}

fn nothing_to_do() -> Problem {
    Problem::new(
        ProblemKind::IllegalTransition,
        "the order has ended, so a retry would do nothing: settle by hand what the reason tells of, and then discard the message",
    )
    .with_code("LetterOfEndedOrder")
}

fn nobody_to_wake() -> Problem {
    Problem::new(
        ProblemKind::IllegalTransition,
        "nobody can tell which order this message belongs to, so there is none to try again; it can be discarded",
    )
    .with_code("LetterOfNoOrder")
}
