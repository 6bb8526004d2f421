//! `POST /ops/stuck/{orderId}/resume`: the saga looks at an order again. One that is not stuck takes no harm.

use axum::{Json, extract::State, http::StatusCode};
use ordertrace_domain::{Phase, Refusal, Rejection};
use ordertrace_http::{
    JsonBody, Principal, Problem,
    openapi::{Answer, Described},
};

use super::resource::CaseResource;
use crate::routes::{
    Ops,
    openapi::{call_about_order, with_dry_run},
    request::{DryRun, OrderPath, TakesJson},
};

pub(super) const ROUTE: &str = "/ops/stuck/{id}/resume";

pub(super) fn described() -> Described {
    let described = call_about_order("resumeStuckOrder", "Has the saga look at an order again")
        .explained(
            "It then does what is due, and no more than that. One that is not stuck takes no harm.",
        )
        .answers(|schemas| {
            let case = schemas.of::<CaseResource>();
            Answer::json(StatusCode::OK, case, "A dry run: the order's case.")
        })
        .answers(|schemas| {
            let case = schemas.of::<CaseResource>();
            Answer::json(
                StatusCode::ACCEPTED,
                case,
                "The order's case; the saga is woken.",
            )
        });
    with_dry_run(described)
}

pub(super) async fn resume(
    State(ops): State<Ops>,
    _: TakesJson,
    operator: Principal,
    OrderPath(id): OrderPath,
    body: Option<JsonBody<DryRun>>,
) -> Result<(StatusCode, Json<CaseResource>), Problem> {
    let case = ops.case(id).await?;
    if let Some(ended) = ended(case.order.phase) {
        return Err(Refusal::Rejected(ended).into());
    }
    let resource = CaseResource::of(&case, ops.log.incarnation());
    if DryRun::of(body).is_dry {
        return Ok((StatusCode::OK, Json(resource)));
    }
    ops.wake(id, "").await?;
    let reason = case.reason.map(|reason| reason.name());
    tracing::info!(order.id = %id, operator.id = %operator.id, reason, "an operator resumed an order");
    Ok((StatusCode::ACCEPTED, Json(resource)))
}

/// Why nothing is to happen to the order any more, if that is so.
const fn ended(phase: Phase) -> Option<Rejection> {
    match phase {
        Phase::Open | Phase::Cancelling(_) => None,
        Phase::Cancelled(_) => Some(Rejection::OrderAlreadyCancelled),
        Phase::Rejected(_) => Some(Rejection::OrderAlreadyRejected),
        Phase::Completed => Some(Rejection::OrderAlreadyCompleted),
    }
}
