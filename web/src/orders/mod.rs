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
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};

use ordertrace_http::Access;

use crate::{
    api::{Api, Caller},
    deliveries,
};

/// The routes of the list.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/ui/orders", get(list))
        .route("/ui/orders/summary", get(summary::get))
        .route("/ui/orders/stream", get(stream::get))
}

/// `GET /ui/orders`
async fn list(State(api): State<Api>, caller: Caller, RawQuery(query): RawQuery) -> Response {
    page_or_deliveries(&api, &caller, &query.unwrap_or_default()).await
}

/// The page for a query. Who sees no orders, and yet what is to be delivered, is sent there.
pub(crate) async fn page_or_deliveries(api: &Api, caller: &Caller, query: &str) -> Response {
    if !caller.may(Access::READING) && caller.may(Access::READING_DELIVERIES) {
        return Redirect::to(deliveries::PATH).into_response();
    }
    page::page(api, caller, query).await
}
