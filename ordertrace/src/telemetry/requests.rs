//! What is told and counted of every request: its span, its trace, its answer's status, how long it took.
//!
//! Invariant: the span and the metrics know a request by the pattern of its route, of which there are as many as the API has, and
//! the log by its path; neither by its query, its headers or its body.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use metrics::{counter, gauge, histogram};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};
use ordertrace_domain::TraceParent;
use ordertrace_http::trace::{self, TRACEPARENT_HEADER};
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::export;

const REQUESTS: &str = "ordertrace_http_requests_total";
const REQUEST_SECONDS: &str = "ordertrace_http_request_seconds";
const REQUESTS_IN_FLIGHT: &str = "ordertrace_http_requests_in_flight";

/// The route of a request that there is none for.
const NO_ROUTE: &str = "none";

/// The header by which a request is known to its client.
const REQUEST_ID: &str = "x-request-id";

/// Puts a request into its trace, and tells of it. It stands behind what gives a request its id, and before all else.
pub(crate) async fn traced(mut request: Request, next: Next) -> Response {
    let watch = Watch::start(&request);
    let parent = trace::traceparent(request.headers());
    let known = match &parent {
        None if !export::is_on() => untold(),
        parent => parent.clone(),
    };
    let span = watch.span(&request, known.as_ref().map(trace::id));
    if let Some(parent) = &parent {
        trace::join(&span, parent);
    }
    let own = trace::of(&span);
    if let (None, Some(own)) = (&known, &own) {
        span.record("trace.id", trace::id(own));
    }
    let own = own.or(known);
    let header = own.and_then(|own| HeaderValue::from_str(own.as_str()).ok());
    // From here on everybody goes by ours.
    put(request.headers_mut(), header.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    put(response.headers_mut(), header);
    watch.end(&span, response.status());
    response
}

/// A trace that nobody records. It ties together what is logged, by all roles that come to do with it.
fn untold() -> Option<TraceParent> {
    let ids = RandomIdGenerator::default();
    let (trace, span) = (ids.new_trace_id(), ids.new_span_id());
    TraceParent::parse(&format!("00-{trace:032x}-{span:016x}-00")).ok()
}

fn put(headers: &mut HeaderMap, traceparent: Option<HeaderValue>) {
    match traceparent {
        Some(traceparent) => headers.insert(TRACEPARENT_HEADER, traceparent),
        None => headers.remove(TRACEPARENT_HEADER),
    };
}

/// Watches a request until its answer begins, or its client has gone.
struct Watch {
    method: &'static str,
    route: String,
    start: Instant,
}

impl Watch {
    fn start(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        gauge!(REQUESTS_IN_FLIGHT).increment(1);
        Self {
            method: word(request.method()),
            route: route.map_or(NO_ROUTE, MatchedPath::as_str).to_owned(),
            start: Instant::now(),
        }
    }

    /// Of the highest level, so that it is there whatever is logged: a warning of a request is to carry its id. What only the
    /// exporter wants is no field of it, for the log would write that down as well.
    fn span(&self, request: &Request, trace: Option<&str>) -> Span {
        let id = request.headers().get(REQUEST_ID);
        let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
        let span = tracing::error_span!(
            "request",
            otel.name = format_args!("{} {}", self.method, self.route),
            otel.kind = "server",
            url.path = request.uri().path(),
            request.id = id,
            trace.id = trace,
        );
        if export::is_on() {
            span.set_attribute("http.request.method", self.method);
            span.set_attribute("http.route", self.route.clone());
        }
        span
    }

    fn end(&self, span: &Span, status: StatusCode) {
        if export::is_on() {
            span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
        }
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        let took = self.start.elapsed();
        let (method, route) = (self.method, self.route.clone());
        counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => class(status))
            .increment(1);
        histogram!(REQUEST_SECONDS, "method" => method, "route" => route).record(took);
        span.in_scope(|| {
            let took_ms = took.as_secs_f64() * 1e3;
            tracing::debug!(
                http.status = status.as_u16(),
                http.took_ms = took_ms,
                "answered"
            );
        });
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        gauge!(REQUESTS_IN_FLIGHT).decrement(1);
    }
}

/// A client may make up methods without end.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

const fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
