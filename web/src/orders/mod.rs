//! The orders: a table of them, how many are where, and what changes while somebody looks.

mod chart;
mod counts;
mod filter;
mod page;
mod row;
mod stream;
mod summary;

use axum::{
    Router,
    extract::{RawQuery, State},
    response::Response,
    routing::get,
};

use crate::api::{Api, Caller};

pub(crate) use page::page;

/// The routes of the list.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/ui/orders", get(list))
        .route("/ui/orders/summary", get(summary::get))
        .route("/ui/orders/stream", get(stream::get))
}

/// `GET /ui/orders`
async fn list(State(api): State<Api>, caller: Caller, RawQuery(query): RawQuery) -> Response {
    page(&api, &caller, &query.unwrap_or_default()).await
}
