//! The API, as the page calls it in process: each call goes on to the role that has it.
//!
//! Invariant: a call is sent once; one of which nobody knows whether it was carried out is told as that, and never sent again.
//! What is sent goes out as it comes, and so does the answer. Every wait has a bound, but for that of a stream for its next
//! message: whoever listens goes away, or the role ends it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::StreamExt as _;
use ordertrace_http::{
    Problem, ProblemKind,
    trace::{self, TRACEPARENT_HEADER},
};
use reqwest::{Client, redirect};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    body::Handed,
    upstream::{ROOTS, Upstream},
};
use crate::cli::UpstreamArgs;

/// How long a connection to a role may take. One that is there takes a millisecond; one that is not may say nothing at all.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// How long a role may take to begin its answer. It waits for NATS for less, and a page that has to ask twice has its own
/// answer in time.
const HEAD_MAX: Duration = Duration::from_secs(30);

/// A role closes a connection that rests for 10 s, and a request that meets the closing is lost: let go of it earlier.
const IDLE_MAX: Duration = Duration::from_secs(5);

/// When to come back where a role is away: it is started anew by then, or another instance is found.
const RETRY_AFTER_SECS: u32 = 2;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How the type of a live stream begins.
const EVENT_STREAM: &[u8] = b"text/event-stream";

/// What belongs to one connection, and not to the message (RFC 9110, 7.6.1).
const OF_THE_CONNECTION: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What a role is not sent: the name that the page has, and what the browser keeps for the page.
const KEPT_BACK: [HeaderName; 2] = [header::HOST, header::COOKIE];

/// Calls roles.
struct Proxy {
    client: Client,
    urls: UpstreamArgs,
    head_max: Duration,
    closing: CancellationToken,
}

/// The routes of the API, each of them a call of the role that has it. Streams end with `closing`.
pub(super) fn routes(urls: &UpstreamArgs, closing: CancellationToken) -> reqwest::Result<Router> {
    routes_within(urls, HEAD_MAX, closing)
}

fn routes_within(
    urls: &UpstreamArgs,
    head_max: Duration,
    closing: CancellationToken,
) -> reqwest::Result<Router> {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .http1_only()
        .connect_timeout(CONNECT_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .build()?;
    let proxy = Arc::new(Proxy {
        client,
        urls: urls.clone(),
        head_max,
        closing,
    });
    let routes = ROOTS.into_iter().fold(Router::new(), |routes, root| {
        routes
            .route(root, any(call))
            .route(&format!("{root}/{{*rest}}"), any(call))
    });
    Ok(routes.with_state(proxy))
}

async fn call(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    match proxy.call(request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

impl Proxy {
    async fn call(&self, request: Request) -> Result<Response, Problem> {
        let (parts, body) = request.into_parts();
        let upstream = Upstream::of(&parts.method, parts.uri.path());
        let upstream = upstream.ok_or_else(Problem::not_found)?;
        let mut url = upstream.url(&self.urls).clone();
        url.set_path(parts.uri.path());
        url.set_query(parts.uri.query());
        let request = self
            .client
            .request(parts.method.clone(), url)
            .headers(headers_of(&parts))
            .body(reqwest::Body::wrap(Handed::on(body)));
        let sent = timeout(self.head_max, request.send()).await;
        match sent {
            Ok(Ok(response)) => Ok(answer(response, &self.closing)),
            Ok(Err(error)) => Err(failed(upstream, &parts.method, &error)),
            Err(_) => Err(late(upstream, &parts.method)),
        }
    }
}

/// What the role is told of a call.
fn headers_of(parts: &Parts) -> HeaderMap {
    let mut headers = parts.headers.clone();
    strip(&mut headers);
    for name in KEPT_BACK {
        headers.remove(name);
    }
    // Its length is that of the body.
    headers.remove(header::CONTENT_LENGTH);
    let client = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(client)) = client
        && let Ok(value) = HeaderValue::try_from(client.ip().to_canonical().to_string())
    {
        // Whoever stood before this process has said before whom it stood.
        headers.append(FORWARDED_FOR, value);
    }
    if let Some(parent) = trace::current()
        && let Ok(value) = HeaderValue::from_str(parent.as_str())
    {
        headers.insert(TRACEPARENT_HEADER, value);
    }
    headers
}

/// Takes out what belongs to the connection: what always does, and what it names itself.
fn strip(headers: &mut HeaderMap) {
    let named = headers.get_all(header::CONNECTION).iter();
    let named = named.filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(','));
    let named: Vec<HeaderName> = named.filter_map(|it| it.trim().parse().ok()).collect();
    for name in named.into_iter().chain(OF_THE_CONNECTION) {
        headers.remove(name);
    }
}

/// An answer as it came. A stream goes on until the role ends it, or this process is left: whoever listens finds another one.
fn answer(response: reqwest::Response, closing: &CancellationToken) -> Response {
    let response: axum::http::Response<reqwest::Body> = response.into();
    let (mut parts, body) = response.into_parts();
    strip(&mut parts.headers);
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let is_stream = content_type.is_some_and(|it| it.as_bytes().starts_with(EVENT_STREAM));
    let mut body = Body::new(body);
    if is_stream {
        let told = body.into_data_stream();
        body = Body::from_stream(told.take_until(closing.clone().cancelled_owned()));
    }
    Response::from_parts(parts, body)
}

/// What is told of a call that a role did not answer.
fn failed(upstream: Upstream, method: &Method, error: &reqwest::Error) -> Problem {
    tracing::warn!(
        upstream = upstream.name(),
        error = error as &dyn std::error::Error,
        "a role did not answer"
    );
    if error.is_connect() || method.is_safe() {
        away(upstream)
    } else {
        unknown(upstream)
    }
}

/// The same for one that has not answered in time.
fn late(upstream: Upstream, method: &Method) -> Problem {
    tracing::warn!(upstream = upstream.name(), "a role did not answer in time");
    if method.is_safe() {
        away(upstream)
    } else {
        unknown(upstream)
    }
}

fn away(upstream: Upstream) -> Problem {
    let detail = format!(
        "the part that answers this, {}, can't be reached; nothing was changed",
        upstream.name()
    );
    Problem::new(ProblemKind::Overloaded, detail)
        .with_code("upstream-unreachable")
        .with_retry_after(RETRY_AFTER_SECS)
}

fn unknown(upstream: Upstream) -> Problem {
    let detail = format!(
        "the part that carries this out, {}, did not say whether it was; send it again with the same Idempotency-Key, or \
         look at the order",
        upstream.name()
    );
    Problem::new(ProblemKind::OutcomeUnknown, detail)
}

#[cfg(test)]
mod tests;
