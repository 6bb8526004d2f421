//! The web page of Ordertrace: a client of the HTTP API, in HTML.
//!
//! Invariant: whatever a page shows was answered by the API, and whatever a form does is a call of the API; a page can do
//! nothing that a program could not. Pages work without JavaScript; with it they are livelier, not abler. Nothing here
//! knows the log or a store, and nothing here decides anything about an order.

mod api;
mod assets;
mod chrome;
mod failure;
mod format;
mod headers;
mod live;
mod state;

mod home;
mod orders;
mod place;

pub mod diagram;
mod ops;
mod order;

use axum::{Router, middleware, routing::get};
use ordertrace_http::with_fallbacks;

use api::Api;

/// The pages over an API, which is called in process: routes of this process, or a proxy to another one.
///
/// They take `/` too: a browser gets the page, any other client what the API has there.
pub fn router(api: Router) -> Router {
    Router::new()
        .route("/", get(home::get))
        .route("/ui", get(home::to_orders))
        .merge(orders::routes())
        .merge(place::routes())
        .merge(order::routes())
        .merge(ops::routes())
        .route("/ui/assets/{*path}", get(assets::get))
        .route("/ui/{*path}", get(failure::no_such_page))
        .layer(middleware::map_response(headers::harden))
        .with_state(Api::over(with_fallbacks(api)))
}
