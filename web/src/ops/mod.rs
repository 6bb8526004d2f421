//! Operations: how far the views have come, what the saga has in hand, what waits for a person; and what a person may do
//! about it.
//!
//! Invariant: each section is asked for and shown by itself, so that one that can't be had takes no other with it. It
//! deliberately knows nothing the API does not tell: where a role is not served here, its section says so.

mod act;
mod consumers;
mod letters;
mod model;
mod page;
mod provider;
mod rebuild;
mod section;
mod stuck;
mod views;

pub(crate) use stuck::reason_words;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};

use crate::api::Api;

/// Where the page is.
const PATH: &str = "/ui/ops";

/// `/ui/ops` and below.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route(PATH, get(page::get))
        .route("/ui/ops/{section}", get(page::section))
        .route("/ui/ops/rebuild", get(page::rebuild).post(act::rebuild))
        .route("/ui/ops/stuck/{id}/resume", post(act::resume).get(back))
        .route("/ui/ops/dlq/{id}/retry", post(act::retry).get(back))
        .route("/ui/ops/dlq/{id}/discard", post(act::discard).get(back))
}

/// Whoever reloads the answer to a form that was refused comes back to the page.
async fn back() -> Redirect {
    Redirect::to(PATH)
}
