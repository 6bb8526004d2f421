//! Order traces: looking for them by what they have in common, counting them, and looking back.

mod event;
mod filter;
mod list;
mod past;
mod stats;

pub(super) use filter::{CONDITIONS, Filter, conditions};
use ordertrace_http::openapi::ApiRouter;
use utoipa::openapi::HttpMethod::Get;

use super::{Queries, collection::Traces, item};

/// `/orderTraces` and below.
pub(super) fn routes() -> ApiRouter<Queries> {
    ApiRouter::new()
        .route(Get, "/orderTraces", list::list, list::described())
        .route(Get, "/orderTraces/stats", stats::stats, stats::described())
        .route(
            Get,
            "/orderTraces/{id}",
            past::trace,
            past::trace_described(),
        )
        .route(
            Get,
            "/orderTraces/{id}/events",
            past::events,
            past::events_described(),
        )
        .route(
            Get,
            "/orderTraces/search/findByOrderId",
            item::find_by_order_id::<Traces>,
            item::search_described(),
        )
}
