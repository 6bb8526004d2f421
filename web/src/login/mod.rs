//! Logging in to the page, and out of it.
//!
//! Invariant: nobody is shown a page before they have logged in, nor after that is over; a script is told so in a way that it
//! understands. What was typed in to log in is neither shown again nor logged, and nobody is told which check it failed. It
//! deliberately keeps nothing: a session is a cookie, which [`Sessions`](ordertrace_auth::Sessions) seals.

mod enter;
mod gate;
mod next;
mod page;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::header,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use ordertrace_auth::Authenticator;

use crate::api::Api;

pub(crate) use gate::Gate;

/// Where one logs in.
pub const LOG_IN_PATH: &str = "/ui/login";

/// Where one logs out.
const LOG_OUT_PATH: &str = "/ui/logout";

/// The most that the form may have: the longest credential, written with escapes, and the address to go on to.
const FORM_BYTES_MAX: usize = 32 * 1024;

/// `/ui/login` and `/ui/logout`.
pub(crate) fn routes(authenticator: Arc<Authenticator>) -> Router<Api> {
    let form = get(page::get).post(enter::post);
    Router::new()
        .route(
            LOG_IN_PATH,
            form.layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route(LOG_OUT_PATH, post(leave).get(to_the_page))
        .with_state(authenticator)
}

/// `POST /ui/logout`. That it comes from a page of the session was checked before.
async fn leave(State(authenticator): State<Arc<Authenticator>>) -> Response {
    let mut response = Redirect::to(LOG_IN_PATH).into_response();
    if let Some(sessions) = authenticator.sessions() {
        let headers = response.headers_mut();
        headers.append(header::SET_COOKIE, sessions.end());
    }
    response
}

/// `GET /ui/logout`: a link ends no session.
async fn to_the_page() -> Redirect {
    Redirect::to(next::ELSE)
}
