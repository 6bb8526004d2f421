//! `/deliveries`: the word of whoever carries the goods.

mod complete;
mod fail;
mod start;
mod status;

use axum::{
    Router,
    routing::{post, put},
};

use crate::CommandApi;

pub(super) fn routes() -> Router<CommandApi> {
    Router::new()
        .route(
            status::ROUTE,
            put(status::set_status).patch(status::set_status),
        )
        .route(start::ROUTE, post(start::start))
        .route(complete::ROUTE, post(complete::complete))
        .route(fail::ROUTE, post(fail::fail))
}
