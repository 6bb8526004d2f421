//! `GET /audit/orders/{id}/proof`: all that happened to an order, with the proof that it is all.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use ordertrace_audit::{Bundle, BundledEvent, Chain, Consistency};
use ordertrace_domain::{OrderId, Record, Sequence, Span};
use ordertrace_http::{
    Params, Problem, ProblemKind, check_accept,
    openapi::{Answer, ApiRouter, Described, order_id, path, query},
};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::openapi::{HttpMethod::Get, schema::ObjectBuilder};

use super::{
    AuditRoutes,
    described::{asking_for_proof, number, place},
    params,
    silence::{Awaited, not_read, unless_silent},
};
use crate::audit::{NoProof, Proven};

const PATH: &str = "/audit/orders/{id}/proof";
const FROM: &str = "from";
const AFTER: &str = "after";

/// The most records that are read of one order: it has at most 1,000 events, and somebody may have written to its subject
/// what is none.
const RECORDS_MAX: usize = 10_000;

/// How many bundles are made at the same time: each holds all events of an order, a few megabytes, and much more if somebody
/// has written rubbish to its subject.
pub(super) const BUNDLES_MAX: usize = 4;

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    let from = "The size of an older checkpoint that you have kept: the bundle then proves that the log goes on from it.";
    let after = "A position: the checkpoint covers it. Waits for up to 8 seconds.";
    asking_for_proof("proveOrder", "All events of an order, and the proof that these are all")
        .explained(
            "A self-contained bundle, to be saved byte for byte and verified offline (`ordertrace audit verify FILE`): each event is \
             in the log that was signed, and by the checkpoint's map the order has come exactly so far.",
        )
        .takes([
            path("id", order_id(), "The order's id."),
            query(FROM, number(), from),
            query(AFTER, place(), after),
        ])
        .problems([
            ProblemKind::InvalidId,
            ProblemKind::NotFound,
            ProblemKind::LogUnavailable,
            ProblemKind::NoStreamFree,
            ProblemKind::OrderUnreadable,
        ])
        .answers(|_| {
            let bundle = ObjectBuilder::new().build();
            Answer::json(StatusCode::OK, bundle, "The bundle, `ordertrace-bundle/1`.")
        })
}

async fn show(
    State(routes): State<AuditRoutes>,
    id: Result<Path<String>, PathRejection>,
    request: Parts,
) -> Result<Response, Problem> {
    check_accept(&request.headers)?;
    let order = order_in(id)?;
    let params = Params::read(&request.uri, &[FROM, AFTER])?;
    let from = params::size(&params, FROM)?;
    let after = params::place(&params, AFTER, routes.audit.incarnation())?;
    let proven = routes.covering(from.max(after)).await?;
    let _place = routes.bundle_place()?;
    let events = routes.events_of(order, proven.size()).await?;
    let prove = move |audit: &crate::Audit| bundle(audit, &proven, order, events, from);
    let bundle = routes.proof(prove).await?;
    let json = bundle?.to_json();
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((content_type, json).into_response())
}

fn order_in(id: Result<Path<String>, PathRejection>) -> Result<OrderId, Problem> {
    let invalid = |detail: String| Problem::new(ProblemKind::InvalidId, detail);
    let Path(id) = id.map_err(|_| invalid("the path can't be read".to_owned()))?;
    OrderId::parse(&id).map_err(|error| invalid(error.to_string()))
}

impl AuditRoutes {
    /// A place among those that have a bundle made.
    fn bundle_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = self.bundles.clone().try_acquire_owned();
        place.map_err(|_| {
            let detail = format!("{BUNDLES_MAX} other bundles are made here at the moment");
            Problem::new(ProblemKind::NoStreamFree, detail)
        })
    }

    /// The order's events up to a size: of what was written to its subject, that which is each time its next event.
    async fn events_of(&self, order: OrderId, size: Sequence) -> Result<Vec<Record>, Problem> {
        let span = Span {
            after: Sequence::START,
            upto: Some(size),
        };
        let mut scan = self.records.scan(span, Some(order)).take(RECORDS_MAX);
        let mut chain = Chain::new();
        let mut events = Vec::new();
        loop {
            let next = unless_silent(self.records.as_ref(), Awaited::There, scan.next()).await;
            let Some(record) = next.map_err(|silent| not_read(&silent))? else {
                return Ok(events);
            };
            let record = record.map_err(|error| not_read(&error))?;
            if chain.follow(&record).is_ok() {
                events.push(record);
            }
        }
    }
}

/// The bundle; or that there is no such order, or that its events are not those that were signed.
fn bundle(
    audit: &crate::Audit,
    proven: &Arc<Proven>,
    order: OrderId,
    events: Vec<Record>,
    from: Option<Sequence>,
) -> Result<Result<Bundle, Problem>, NoProof> {
    let Some(map) = audit.order(proven, order)? else {
        return Ok(Err(Problem::not_found()));
    };
    if events.len() as u64 != map.tip.version.get() {
        return Ok(Err(unlike_what_was_signed(order)));
    }
    let mut bundled = Vec::with_capacity(events.len());
    for record in events {
        let position = record.sequence;
        let proof = audit.inclusion(proven, position, proven.size())?;
        if proof.leaf != ordertrace_audit::leaf_hash(&record) {
            return Ok(Err(unlike_what_was_signed(order)));
        }
        bundled.push(BundledEvent {
            record,
            proof: proof.path,
        });
    }
    let consistency = from.map(|from| {
        let proof = audit.consistency(proven, from, proven.size())?;
        let proof = proof.path;
        Ok(Consistency { from, proof })
    });
    Ok(Ok(Bundle {
        order,
        checkpoint: proven.signed().clone(),
        events: bundled,
        map,
        consistency: consistency.transpose()?,
    }))
}

/// No bundle is made that would not verify: whoever gets one is to look for the fault in it, not in how it was made.
fn unlike_what_was_signed(order: OrderId) -> Problem {
    tracing::error!(order.id = %order, "the events of an order are not those that were signed; `ordertrace audit verify` tells more");
    Problem::new(
        ProblemKind::OrderUnreadable,
        "the log does not have the events of this order that were signed; an operator has to look at it",
    )
}
