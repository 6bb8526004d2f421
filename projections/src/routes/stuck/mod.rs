//! `GET /ops/stuck`: the orders that may not go on by themselves, oldest first.
//!
//! Invariant: an order is stuck by the domain's own word, at the moment of the question; nothing about it is stored. Only
//! unfinished orders are looked at, and of those a bounded number for one page: a page may be short, or empty, though
//! there is a next one. Following `next` to its end shows each order that is stuck all the while, once.

mod judge;
mod page;
mod search;

use axum::{
    Json, Router,
    extract::State,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use ordertrace_domain::Patience;
use ordertrace_http::openapi::ApiRouter;
use utoipa::openapi::HttpMethod::Get;

use super::{
    Queries,
    list::{CURSOR, LIMIT},
};
use judge::Judge;
use page::Wanted;
use search::Found;

const PATH: &str = "/ops/stuck";

const REASON: &str = "reason";

/// What the route needs.
#[derive(Clone)]
struct StuckQueries {
    queries: Queries,
    patience: Patience,
}

/// The list of stuck orders. `patience` has to be that of the saga, or the two would not agree on which are stuck.
pub fn stuck_routes(queries: Queries, patience: Patience) -> Router {
    stuck_api(queries, patience).open()
}

/// The same with its description.
pub fn stuck_api(queries: Queries, patience: Patience) -> ApiRouter {
    ApiRouter::new()
        .route(Get, PATH, list, page::described())
        .with_state(StuckQueries { queries, patience })
}

async fn list(State(state): State<StuckQueries>, request: Parts) -> Response {
    let StuckQueries { queries, patience } = state;
    let clock = queries.clock.clone();
    queries
        .answer(
            &request,
            &[REASON, LIMIT, CURSOR],
            move |store, params, position| {
                let wanted = Wanted::read(params, position)?;
                let judge = Judge {
                    now: clock.now(),
                    patience,
                    incarnation: position.incarnation,
                };
                let found = Found::search(store, &wanted, &judge)?;
                Ok(Json(wanted.show(found, position)).into_response())
            },
        )
        .await
}
