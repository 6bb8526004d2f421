//! One order: what has happened to it, what state it is in, what can be done with it; now, and at any time before.
//!
//! Invariant: everything shown was answered by the API for one moment, and what stands in the past offers nothing to do and
//! does not move. It deliberately has no state between requests: where a reader looks is in the address.

mod action;
mod look;
mod model;
mod page;
mod rewind;
mod stream;
mod timeline;
mod view;

pub(crate) use action::Action;

use axum::{
    Router,
    extract::Path,
    response::Redirect,
    routing::{get, post},
};

use crate::api::Api;

/// `/ui/orders/{id}` and below.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/ui/orders/{id}", get(page::get))
        .route("/ui/orders/{id}/stream", get(stream::get))
        .route(
            "/ui/orders/{id}/actions/{action}",
            post(page::act).get(back_to_the_order),
        )
}

/// Whoever reloads the answer to a form that was refused comes back to the order.
async fn back_to_the_order(Path((id, _)): Path<(String, String)>) -> Redirect {
    Redirect::to(&path_of(&id))
}

/// The path of an order's page.
fn path_of(id: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/ui/orders/{encoded}")
}
