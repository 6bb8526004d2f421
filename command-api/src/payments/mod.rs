//! `/payments`: the word of whoever takes the money. A card's payment is closed by its provider only, never from here.

mod approve;
mod decline;
mod refund;
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
        .route(approve::ROUTE, post(approve::approve))
        .route(decline::ROUTE, post(decline::decline))
        .route(refund::ROUTE, post(refund::refund))
}
