//! What stands before every route: a request id, the entrance, a bound on time, a rate for each client, problems in one form.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::Request,
    http::HeaderName,
    middleware::{self, Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use ordertrace_auth::authenticate;
use ordertrace_http::{BodyLimits, Problem, ProblemKind, with_fallbacks};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};

use super::{entrance::Entrance, login::Login, rate::Rates};
use crate::{cli::ServerArgs, telemetry::traced};

/// How long a request may take. Reads of the log give up after 10 s, an append after 16 s; a command needs a read, an
/// append and a read at the most, and has its own answer by then. A slow body is refused long before.
pub(super) const REQUEST_MAX: Duration = Duration::from_secs(40);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the guards before a role's routes. What is asked last stands first here.
pub(super) fn guarded(
    routes: Router,
    entrance: Entrance,
    login: &Login,
    limits: &ServerArgs,
) -> Router {
    let bodies = BodyLimits {
        bytes_max: limits.http_body_bytes as usize,
        arrives_max: limits.http_body_timeout,
    };
    let rates = Arc::new(Rates::new(limits));
    with_fallbacks(routes)
        .layer(Extension(bodies))
        // Who asks has to be known before, so this stands behind what finds it out.
        .layer(from_fn_with_state(rates, Rates::limit))
        .layer(from_fn_with_state(login.authenticator(), authenticate))
        .layer(middleware::from_fn(bounded))
        .layer(from_fn_with_state(entrance, Entrance::enter))
        .layer(CatchPanicLayer::custom(|_| internal()))
        .layer(middleware::from_fn(traced))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

fn internal() -> Response {
    Problem::new(
        ProblemKind::Internal,
        "the request could not be handled; it is in our log",
    )
    .into_response()
}

async fn bounded(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            ProblemKind::OutcomeUnknown,
            "the answer took too long; a command may have been carried out all the same",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests;
