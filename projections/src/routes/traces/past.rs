//! An order's past, from the log: a trace as it stood at some time, and every event as it is stored.
//!
//! Invariant: the view has no part in it, but that it says to a customer whether the order is theirs. What stood at a time is
//! the fold of the events that were recorded by then, and is the same whenever it is asked for.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{Event, OrderId, OrderState, Position, RecordedEvent, Timestamp, evolve};
use ordertrace_http::{
    Problem, ProblemKind, Reach, TraceResource,
    openapi::{Described, etag, position_token, query, time},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Schema, schema::AnyOfBuilder},
};

use super::event::EventResource;
use crate::{
    Happening,
    routes::{
        Queries,
        collection::{Collected as _, Traces, told},
        item::{self, IdPath},
        openapi::{READERS, answer, asking_for_one},
        params,
        timeline::{Moment, timeline},
    },
};

/// When the trace is to be shown as.
pub(in crate::routes) const AS_OF: &str = "asOf";

/// A trace as it stood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PastTrace {
    #[serde(flatten)]
    trace: TraceResource,
    timeline: Vec<Moment>,
    #[schema(schema_with = moment)]
    as_of: String,
}

#[derive(Serialize, ToSchema)]
struct Events {
    events: Vec<EventResource>,
}

/// A moment in the log.
#[derive(Clone, Copy)]
enum AsOf {
    Time(Timestamp),
    Position(Position),
}

impl AsOf {
    fn read(text: &str) -> Result<Self, Problem> {
        let time = Timestamp::parse(text).map(Self::Time);
        time.or_else(|_| Position::parse(text).map(Self::Position))
            .map_err(|_| {
                Problem::invalid_request(format!(
                    "{AS_OF} is a time as RFC 3339 writes it, or a position of the log{}",
                    params::hint(text)
                ))
            })
    }

    fn has(self, recorded: &RecordedEvent) -> bool {
        match self {
            Self::Time(time) => recorded.recorded_at <= time,
            Self::Position(position) => recorded.event.sequence <= position.sequence,
        }
    }

    const fn position(self) -> Option<Position> {
        match self {
            Self::Time(_) => None,
            Self::Position(position) => Some(position),
        }
    }
}

/// `GET /orderTraces/{id}`, described.
pub(super) fn trace_described() -> Described {
    let as_of = query(
        AS_OF,
        moment(),
        "Shows the trace exactly as it stood then: at a time that the log recorded, or at a position of it.",
    );
    asking_for_one(
        "getOrderTrace",
        Traces::NAME,
        READERS,
        "One trace, with all that happened",
    )
    .takes([as_of])
    .answers(|schemas| {
        let trace = told::<TraceResource>(schemas);
        let then = schemas.of::<PastTrace>();
        let either = AnyOfBuilder::new().item(trace).item(then).build();
        answer(
            Schema::AnyOf(either),
            "The trace; with `asOf`, as it stood then.",
        )
        .with(etag())
    })
    .problems([ProblemKind::LogUnavailable])
}

/// A moment in the log.
fn moment() -> Schema {
    let either = AnyOfBuilder::new().item(time()).item(position_token());
    Schema::AnyOf(either.build())
}

/// `GET /orderTraces/{id}/events`, described.
pub(super) fn events_described() -> Described {
    asking_for_one(
        "listEvents",
        Traces::NAME,
        READERS,
        "Every event of an order, as it is stored",
    )
    .answers(|schemas| answer(schemas.of::<Events>(), "The events, oldest first."))
    .problems([ProblemKind::LogUnavailable])
}

/// `GET /orderTraces/{id}`: the trace as the view has it, or, with `asOf`, as it stood then.
pub(in crate::routes) async fn trace(
    State(queries): State<Queries>,
    IdPath(id): IdPath,
    reach: Reach,
    request: Parts,
) -> Response {
    let params = params::read(&request.uri, &[AS_OF]);
    match params.as_ref().ok().and_then(|params| params.get(AS_OF)) {
        None => item::show::<Traces>(&queries, id, reach, &request).await,
        Some(text) => {
            let shown = as_of(&queries, id, text, reach, &request).await;
            queries.positioned(shown)
        }
    }
}

async fn as_of(
    queries: &Queries,
    id: Result<OrderId, Problem>,
    text: &str,
    reach: Reach,
    request: &Parts,
) -> Result<Response, Problem> {
    queries.checked(request, &[AS_OF]).await?;
    let (id, as_of) = (id?, AsOf::read(text)?);
    // A position that the view has not seen may not be in the log yet.
    queries.wait(Ok(as_of.position())).await?;
    let events = queries.events_of(id, reach.clone()).await?;
    let then = events.iter().take_while(|recorded| as_of.has(recorded));
    let then: Vec<_> = then.cloned().collect();
    past(id, &then, text, queries.position(), &reach).ok_or_else(Problem::not_found)
}

/// `GET /orderTraces/{id}/events`
pub(in crate::routes) async fn events(
    State(queries): State<Queries>,
    IdPath(id): IdPath,
    reach: Reach,
    request: Parts,
) -> Response {
    let shown = async {
        queries.checked(&request, &[]).await?;
        let events = queries.events_of(id?, reach.clone()).await?;
        if events.is_empty() {
            return Err(Problem::not_found());
        }
        let incarnation = queries.position().incarnation;
        let events = events
            .iter()
            .map(|event| EventResource::of(event, incarnation, &reach));
        let events = events.collect();
        Ok(Json(Events { events }).into_response())
    };
    queries.positioned(shown.await)
}

fn past(
    id: OrderId,
    then: &[RecordedEvent],
    as_of: &str,
    now: Position,
    reach: &Reach,
) -> Option<Response> {
    let (first, last) = (then.first()?, then.last()?);
    let (state, happenings) = fold(then);
    let order = state.order()?;
    let position = Position {
        sequence: last.event.sequence,
        ..now
    };
    let body = PastTrace {
        trace: TraceResource::of(id, order, first.recorded_at, last.recorded_at, position),
        timeline: timeline(&happenings, now.incarnation, reach),
        as_of: as_of.to_owned(),
    };
    let mut response = Json(body).into_response();
    // A version is digits.
    if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", order.version)) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Some(response)
}

/// What the events come to, and what each has changed.
fn fold(events: &[RecordedEvent]) -> (OrderState, Vec<Happening>) {
    let mut state = OrderState::Absent;
    let mut happenings = Vec::with_capacity(events.len());
    for recorded in events {
        let event: &Event = &recorded.event.envelope.event;
        let before = state.order().cloned();
        state = evolve(state, event);
        if let Some(after) = state.order() {
            happenings.push(Happening::of(recorded, before.as_ref(), after));
        }
    }
    (state, happenings)
}
