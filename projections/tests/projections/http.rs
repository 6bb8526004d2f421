//! Requests to the query routes, as a client makes them.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, request},
};
use ordertrace_domain::{
    ActorId, CustomerId,
    testing::{ManualClock, MemoryLog},
};
use ordertrace_http::{Principal, Role, Roles};
use ordertrace_projections::{Queries, ViewStore, api, router};
use serde_json::Value;
use tower::ServiceExt;

use crate::feed::Feed;

/// The routes on a view.
pub(crate) fn routes(store: &ViewStore) -> Router {
    router(Queries::new(
        store.clone(),
        Arc::new(MemoryLog::new()),
        Arc::new(ManualClock::new()),
    ))
}

/// The routes on a view, with the log for what is asked for as it was.
pub(crate) fn routes_with(store: &ViewStore, feed: &Feed) -> Router {
    let archive = Arc::new(feed.log.clone());
    router(Queries::new(
        store.clone(),
        archive,
        Arc::new(ManualClock::new()),
    ))
}

/// The same for somebody who has ordered, and has no other role.
pub(crate) fn routes_of(store: &ViewStore, feed: &Feed, name: &str) -> Router {
    let archive = Arc::new(feed.log.clone());
    let queries = Queries::new(store.clone(), archive, Arc::new(ManualClock::new()));
    api(queries).split().0.layer(Extension(customer(name)))
}

/// Somebody with the role of a customer alone.
pub(crate) fn customer(name: &str) -> Principal {
    Principal {
        id: ActorId::parse(name).unwrap(),
        customer_id: CustomerId::parse(name).unwrap(),
        roles: Roles::NONE.and(Role::Customer),
        is_anonymous: false,
    }
}

/// An answer, read to its end.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// A header of it; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The last part of the problem's type, checked against the status.
    #[track_caller]
    pub(crate) fn problem(&self) -> &str {
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], self.status.as_u16());
        let kind = self.body["type"].as_str().unwrap();
        kind.strip_prefix("urn:ordertrace:problem:").unwrap()
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.body
    }
}

/// A resource as a list shows it: without what is told of one that is shown alone.
pub(crate) fn listed(mut resource: Value) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        fields.remove("timeline");
    }
    resource
}

/// `GET` of a path.
pub(crate) async fn get(routes: &Router, path: &str) -> Answer {
    send(routes, Request::get(path)).await
}

/// Any request without a body.
pub(crate) async fn send(routes: &Router, request: request::Builder) -> Answer {
    let request = request.body(Body::empty()).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    }
}
