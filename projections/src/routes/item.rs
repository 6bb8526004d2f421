//! One resource: `GET /{collection}/{id}`, and the original's search by order.

use std::convert::Infallible;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{OrderId, Position};
use ordertrace_http::{
    Problem, ProblemKind, Reach, TraceResource,
    openapi::{Described, etag, order_id as order_id_schema, query},
};
use utoipa::openapi::Required;

use super::{
    Queries,
    answer::{reached, unreadable},
    collection::{self, Alone, Collected, Traces, told},
    openapi::{READERS, answer, asking},
    params::order_id,
};
use crate::ViewStore;

const ORDER_ID: &str = "orderId";

/// The order in a path, or what is wrong with it.
pub(super) struct IdPath(pub(super) Result<OrderId, Problem>);

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(match path {
            Ok(Path(id)) => order_id(&id),
            Err(_) => Err(Problem::new(
                ProblemKind::InvalidId,
                "the path can't be read",
            )),
        }))
    }
}

/// `GET /{collection}/{id}`
pub(super) async fn get<C: Collected>(
    State(queries): State<Queries>,
    IdPath(id): IdPath,
    reach: Reach,
    request: Parts,
) -> Response {
    show::<C>(&queries, id, reach, &request).await
}

/// An order as the view has it.
pub(super) async fn show<C: Collected>(
    queries: &Queries,
    id: Result<OrderId, Problem>,
    reach: Reach,
    request: &Parts,
) -> Response {
    queries
        .answer(request, &[], move |store, _, position| {
            find::<C>(store, id?, &reach, position)
        })
        .await
}

/// `GET /orderTraces/search/findByOrderId`, described.
pub(super) fn search_described() -> Described {
    let mut order = query(ORDER_ID, order_id_schema(), "The order's id.");
    order.required = Required::True;
    asking(
        "findByOrderId",
        Traces::NAME,
        READERS,
        "One trace, where the original system has it",
    )
    .takes([order])
    .answers(|schemas| {
        let trace = told::<TraceResource>(schemas);
        answer(trace, "The trace.").with(etag())
    })
    .problems([
        ProblemKind::InvalidId,
        ProblemKind::NotFound,
        ProblemKind::OrderUnreadable,
    ])
}

/// `GET /{collection}/search/findByOrderId?orderId=…`
pub(super) async fn find_by_order_id<C: Collected>(
    State(queries): State<Queries>,
    reach: Reach,
    request: Parts,
) -> Response {
    queries
        .answer(&request, &[ORDER_ID], move |store, params, position| {
            let id = params.get(ORDER_ID).ok_or_else(|| {
                Problem::invalid_request(format!("the parameter {ORDER_ID} is missing"))
            })?;
            find::<C>(store, order_id(id)?, &reach, position)
        })
        .await
}

fn find<C: Collected>(
    store: &ViewStore,
    order: OrderId,
    reach: &Reach,
    position: Position,
) -> Result<Response, Problem> {
    let record = reached(store, order, reach)?;
    let row = record.row().ok_or_else(order_unreadable)?;
    let etag = format!("\"{}\"", row.order.version);
    let shown = collection::show::<C>(order, &record, position.incarnation);
    let shown = shown.ok_or_else(Problem::not_found)?;
    let timeline = C::timeline(store, order, row, position.incarnation, reach);
    let timeline = timeline.map_err(|error| unreadable(&error))?;
    let mut response = Json(Alone { shown, timeline }).into_response();
    // A version is digits.
    if let Ok(etag) = HeaderValue::try_from(etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Not even the order's first event could be read: there is something, and nothing to show of it.
pub(super) fn order_unreadable() -> Problem {
    Problem::new(
        ProblemKind::OrderUnreadable,
        "the history of this order is damaged; an operator has to look at it",
    )
}
