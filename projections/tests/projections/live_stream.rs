//! Live streams, as a client reads them.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, BodyDataStream},
    http::{Request, request},
};
use futures::StreamExt;
use ordertrace_domain::{Position, testing::ManualClock};
use ordertrace_http::{LoginEnd, StandingLogin};
use ordertrace_projections::{Queries, StreamLimits, ViewStore, live_api, live_routes};
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{feed::Feed, http::customer, scene::PATIENCE};

/// How long the routes of a test wait for a position that does not come.
const AFTER_WAIT_MAX: Duration = Duration::from_millis(20);

/// A view with its streams.
pub(crate) struct Site {
    pub(crate) routes: Router,
    pub(crate) shutdown: CancellationToken,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    /// The sequence of its position.
    pub(crate) at: u64,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// An open stream.
pub(crate) struct Stream {
    body: BodyDataStream,
    /// What the client would come back with.
    pub(crate) last_id: String,
}

impl Site {
    /// The streams of somebody who has ordered, and has no other role.
    pub(crate) fn of_customer(store: &ViewStore, feed: &Feed, name: &str) -> Self {
        let archive = Arc::new(feed.log.clone());
        let queries = Queries::new(store.clone(), archive, Arc::new(ManualClock::new()));
        let shutdown = CancellationToken::new();
        let feed = Arc::new(feed.clone());
        let limits = StreamLimits::default();
        let (routes, _) = live_api(queries, feed, limits, shutdown.clone()).split();
        Self {
            routes: routes.layer(Extension(customer(name))),
            shutdown,
        }
    }

    pub(crate) fn of(store: &ViewStore, feed: &Feed) -> Self {
        let archive = Arc::new(feed.log.clone());
        let queries = Queries::new(store.clone(), archive, Arc::new(ManualClock::new()))
            .with_after_wait_max(AFTER_WAIT_MAX);
        let shutdown = CancellationToken::new();
        Self {
            routes: live_routes(
                queries,
                Arc::new(feed.clone()),
                StreamLimits::default(),
                shutdown.clone(),
            ),
            shutdown,
        }
    }

    /// The streams of somebody who is known until this says how that ended.
    pub(crate) fn until(self, end: impl Future<Output = LoginEnd> + Send + 'static) -> Self {
        let login = StandingLogin::until(end);
        Self {
            routes: self.routes.layer(Extension(login)),
            ..self
        }
    }

    /// Opens a stream.
    pub(crate) async fn open(&self, path: &str) -> Stream {
        self.open_with(Request::get(path)).await
    }

    /// Comes back to a stream.
    pub(crate) async fn resume(&self, path: &str, last_id: &str) -> Stream {
        self.open_with(Request::get(path).header("last-event-id", last_id))
            .await
    }

    async fn open_with(&self, request: request::Builder) -> Stream {
        let request = request.body(Body::empty()).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        Stream {
            body: response.into_body().into_data_stream(),
            last_id: String::new(),
        }
    }

    /// Stops the process, and gives what was told until then: all of it, and that it stops.
    pub(crate) async fn stop(&self, mut stream: Stream) -> Vec<Told> {
        self.shutdown.cancel();
        let mut told = Vec::new();
        while let Some(message) = stream.next().await {
            told.push(message);
        }
        assert_eq!(told.pop().unwrap().name, "closing");
        told
    }
}

impl Stream {
    /// The next lines; nothing at the end.
    pub(crate) async fn lines(&mut self) -> Option<String> {
        let lines = timeout(PATIENCE, self.body.next()).await.unwrap()?.unwrap();
        let lines = String::from_utf8(lines.to_vec()).unwrap();
        assert!(lines.ends_with("\n\n"), "{lines:?}");
        if let Some(id) = field(&lines, "id") {
            self.last_id = id.to_owned();
        }
        Some(lines)
    }

    /// The next message; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        loop {
            let lines = self.lines().await?;
            let Some(data) = field(&lines, "data") else {
                continue;
            };
            let id = Position::parse(field(&lines, "id").unwrap()).unwrap();
            return Some(Told {
                at: id.sequence.get(),
                name: field(&lines, "event").unwrap().to_owned(),
                data: serde_json::from_str(data).unwrap(),
            });
        }
    }
}

fn field<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    let mut values = lines
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is there twice: {lines}");
    value
}
