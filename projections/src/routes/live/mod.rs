//! Live streams of server-sent events: `GET /orderTraces/stream` and `GET /orderTraces/{id}/stream`.
//!
//! Invariant: a stream tells each change after the position it stands at exactly once, in the order of the log, or says by a
//! `reset` that it does not; it tells of orders within reach of its client alone. Whoever comes back with the id of the last message goes on behind it, whichever process
//! answers. Nothing is kept for a client that is away, and hardly anything for one that does not read: it is
//! dropped, and comes back. Nobody is told more than they might ask for: a stream ends with the login it was asked for by.

mod asked;
mod described;
mod due;
mod following;
mod message;
mod places;
mod replay;
mod scope;

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::Stream;
use ordertrace_domain::{EventFeed, OrderId, Position};
use ordertrace_http::{Problem, ProblemKind, Reach, StandingLogin, openapi::ApiRouter};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::HttpMethod::Get;

use super::{
    Queries,
    answer::{reached, serving, with_position},
    item::{IdPath, order_unreadable},
    traces::{CONDITIONS, Filter},
};
use crate::{ViewStore, Watch};
use asked::Asked;
use due::Due;
use following::Following;
use message::Message;
pub use places::StreamLimits;
use places::{Client, Places};
use replay::Replays;
use scope::Scope;

/// Tells a proxy such as nginx not to hold messages back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What the streams need.
#[derive(Clone)]
struct Live {
    queries: Queries,
    replays: Replays,
    places: Places,
    shutdown: CancellationToken,
}

/// The live streams. What a client has missed is read from the feed; `shutdown` closes every stream, so that a process
/// with streams ends as soon as one without. Install the recorder of metrics before.
pub fn live_routes(
    queries: Queries,
    feed: Arc<dyn EventFeed>,
    limits: StreamLimits,
    shutdown: CancellationToken,
) -> Router {
    live_api(queries, feed, limits, shutdown).open()
}

/// The same with their descriptions.
pub fn live_api(
    queries: Queries,
    feed: Arc<dyn EventFeed>,
    limits: StreamLimits,
    shutdown: CancellationToken,
) -> ApiRouter {
    let live = Live {
        replays: Replays::new(&queries, feed),
        places: Places::new(limits),
        queries,
        shutdown,
    };
    ApiRouter::new()
        .route(Get, "/orderTraces/stream", traces, described::all())
        .route(Get, "/orderTraces/{id}/stream", trace, described::one())
        .with_state(live)
}

/// `GET /orderTraces/stream`
async fn traces(State(live): State<Live>, reach: Reach, request: Parts) -> Response {
    let opened = async {
        let asked = Asked::read(&request, &CONDITIONS)?;
        let scope = Scope::Filter(Filter::read(&asked.params, reach)?);
        live.open(&asked, scope, Listener::of(&request)).await
    };
    live.answered(opened.await)
}

/// `GET /orderTraces/{id}/stream`
async fn trace(
    State(live): State<Live>,
    IdPath(id): IdPath,
    reach: Reach,
    request: Parts,
) -> Response {
    let opened = async {
        let asked = Asked::read(&request, &[])?;
        let scope = Scope::Order(id?, reach);
        live.open(&asked, scope, Listener::of(&request)).await
    };
    live.answered(opened.await)
}

/// Who is told.
struct Listener {
    addr: Client,
    login: StandingLogin,
}

impl Listener {
    fn of(request: &Parts) -> Self {
        let connected = request.extensions.get::<ConnectInfo<SocketAddr>>();
        Self {
            addr: Client::at(connected.map(|ConnectInfo(addr)| addr.ip())),
            login: StandingLogin::of(&request.extensions),
        }
    }
}

impl Live {
    fn answered(&self, opened: Result<Response, Problem>) -> Response {
        opened.unwrap_or_else(|problem| {
            with_position(problem.into_response(), self.queries.position())
        })
    }

    /// Begins a stream where the client was, or where the view stands.
    async fn open(
        &self,
        asked: &Asked,
        scope: Scope,
        client: Listener,
    ) -> Result<Response, Problem> {
        let place = self.places.take(client.addr)?;
        let incarnation = self.queries.position().incarnation;
        self.queries.wait(Ok(asked.after)).await?;
        self.queries.wait(Ok(asked.last_in(incarnation)?)).await?;
        let status = self.queries.store.status();
        serving(&status)?;
        // Looked at before: a view that is replaced meanwhile is said, if need be once too often.
        let replacements = status.replacements;
        let Watch { since, updates } = self.watch(&scope).await?;
        let since = Position {
            incarnation,
            sequence: since,
        };
        let following = Following {
            due: self.due(asked.last.unwrap_or(since), since, &scope).await,
            scope,
            incarnation,
            cursor: since.sequence,
            told: asked.last.unwrap_or(since).sequence,
            updates,
            replacements,
            status: self.queries.store.watch_status(),
            shutdown: self.shutdown.clone(),
            login: client.login,
            is_closed: false,
            passed_over: 0,
            _place: place,
        };
        Ok(with_position(streamed(following.messages()), since))
    }

    /// What comes before the changes after `since`, for a client that was at `last`.
    async fn due(&self, last: Position, since: Position, scope: &Scope) -> Due {
        let begin = Message::position(last);
        let missed = self.replays.between(last.sequence, since.sequence, scope);
        match missed.await {
            Ok(missed) => missed.after(begin),
            Err(why) => {
                tracing::debug!(client.position = %last, view.position = %since, %why, "a stream is reset");
                Due::from([begin, Message::reset(since, why.reason())])
            }
        }
    }

    /// Begins to watch the view, in which the order has to be, if one is named, and within reach.
    async fn watch(&self, scope: &Scope) -> Result<Watch, Problem> {
        let store = self.queries.store.clone();
        let named = scope.order().map(|order| (order, scope.reach().clone()));
        let watching = spawn_blocking(move || watch(&store, named)).await;
        watching.unwrap_or_else(|error| {
            tracing::error!(error = %error, "a stream did not begin");
            Err(Problem::new(
                ProblemKind::Internal,
                "the stream did not begin",
            ))
        })
    }
}

fn watch(store: &ViewStore, named: Option<(OrderId, Reach)>) -> Result<Watch, Problem> {
    let watch = store.watch();
    if let Some((order, reach)) = named {
        let record = reached(store, order, &reach)?;
        record.row().ok_or_else(order_unreadable)?;
    }
    Ok(watch)
}

fn streamed(messages: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(messages).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}
