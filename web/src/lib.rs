//! The web page of Ordertrace: a client of the HTTP API, in HTML.
//!
//! Invariant: whatever a page shows was answered by the API, and whatever a form does is a call of the API; a page can do
//! nothing that a program could not, nor anybody by it what they could not by a program. Pages work without JavaScript; with
//! it they are livelier, not abler. Nothing here knows the log or a store, and nothing here decides anything about an order.

mod api;
mod assets;
mod chrome;
mod failure;
mod format;
mod headers;
mod live;
mod login;
mod state;
mod viewer;

mod home;
mod orders;
mod place;

mod deliveries;

pub mod diagram;
mod ops;
mod order;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{self, from_fn_with_state},
    routing::get,
};
use ordertrace_auth::Authenticator;
use ordertrace_http::with_fallbacks;

use api::Api;
use login::Gate;

pub use failure::in_words;
pub use login::LOG_IN_PATH;

/// Where the pages are served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Site {
    /// Beside the API, on one port.
    #[default]
    BesideTheApi,
    /// By themselves: the API is elsewhere.
    Alone,
}

/// The pages beside an API that asks nobody to log in, which is called in process.
///
/// They take `/` too: a browser gets the page, any other client what the API has there.
pub fn router(api: Router) -> Router {
    served(pages(), api, Gate::open(Site::BesideTheApi))
}

/// The pages alone, over an API elsewhere: these routes hand calls on to it. One has to log in first, unless the
/// authenticator is open; it is to stand before these routes, too.
pub fn router_alone(api: Router, authenticator: Arc<Authenticator>) -> Router {
    if authenticator.is_open() {
        return served(pages(), api, Gate::open(Site::Alone));
    }
    let pages = pages().merge(login::routes(authenticator));
    served(pages, api, Gate::closed(Site::Alone))
}

fn served(pages: Router<Api>, api: Router, gate: Gate) -> Router {
    pages
        .layer(from_fn_with_state(gate, Gate::let_in))
        .layer(middleware::map_response(headers::harden))
        .with_state(Api::over(with_fallbacks(api)))
}

fn pages() -> Router<Api> {
    Router::new()
        .route("/", get(home::get))
        .route("/ui", get(home::to_orders))
        .merge(orders::routes())
        .merge(place::routes())
        .merge(order::routes())
        .merge(deliveries::routes())
        .merge(ops::routes())
        .route("/ui/assets/{*path}", get(assets::get))
        .route("/ui/{*path}", get(failure::no_such_page))
}
