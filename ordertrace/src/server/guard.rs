//! What stands before every route: a request id, a bound on time, the check of where a request is meant for and where it
//! comes from, problems in one form.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderName, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use ordertrace_http::{Principal, Problem, ProblemKind, with_fallbacks};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

use super::hosts::Hosts;

/// How long a request may take. Reads of the log give up after 10 s, an append after 16 s; a command needs a read, an
/// append and a read at the most, and has its own answer by then. A slow body is refused long before.
const REQUEST_MAX: Duration = Duration::from_secs(40);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the guards before a role's routes.
pub(crate) fn guarded(routes: Router, hosts: Hosts) -> Router {
    with_fallbacks(routes)
        .layer(Extension(Principal::open()))
        .layer(middleware::from_fn(bounded))
        .layer(middleware::from_fn_with_state(hosts.clone(), check_origin))
        .layer(middleware::from_fn_with_state(hosts, check_host))
        .layer(CatchPanicLayer::custom(|_| internal()))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(request_span)
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

/// Whatever is logged while a request is handled carries its id, which the answer shows as well.
fn request_span(request: &Request) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), request.id = id)
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

async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.admit(authority(&request).as_ref()) {
        return next.run(request).await;
    }
    Problem::new(
        ProblemKind::WrongHost,
        "this server does not answer to that host name; --allowed-host adds one",
    )
    .into_response()
}

async fn check_origin(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.admit_change(request.method(), request.headers()) {
        return next.run(request).await;
    }
    Problem::new(
        ProblemKind::CrossSite,
        "a page of another site sent this; only this server's own pages and programs may change something here",
    )
    .into_response()
}

/// The host that the request is meant for: of its target if that is absolute, else of its one `Host` header.
fn authority(request: &Request) -> Option<Authority> {
    let of_target = Uri::authority(request.uri()).cloned();
    of_target.or_else(|| {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok()?.parse().ok(),
            _ => None,
        }
    })
}
