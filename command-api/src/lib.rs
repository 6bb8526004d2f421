//! The HTTP routes that turn requests into commands.
//!
//! Invariant: a request is answered with success only after the log has confirmed its events, and a repeat with the same
//! `Idempotency-Key` is answered as the first one was. Each route gives one command to the executor; nothing is decided
//! here, nothing is remembered between requests, and nothing is dispatched afterwards: views and saga follow the log.
//!
//! Queries are no business of this crate, nor are authentication, time-outs and request ids: the program that serves
//! these routes puts those around them.

mod answer;
mod caller;
mod headers;
mod openapi;
mod order_path;

mod reason;

mod deliveries;
mod orders;
mod payments;

use axum::Router;
use ordertrace_domain::{Currency, Executor};
use ordertrace_http::openapi::ApiRouter;

/// What the routes work with.
#[derive(Clone)]
pub struct CommandApi {
    /// Carries out the commands.
    pub executor: Executor,
    /// The currency of orders that name none.
    pub default_currency: Currency,
}

/// All command routes. Merge them with others first, and give the whole `ordertrace_http::with_fallbacks` last.
pub fn router(state: CommandApi) -> Router {
    api(state).open()
}

/// The same with their descriptions.
pub fn api(state: CommandApi) -> ApiRouter {
    ApiRouter::new()
        .merge(orders::routes())
        .merge(payments::routes())
        .merge(deliveries::routes())
        .with_state(state)
}
