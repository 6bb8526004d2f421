//! A collector of spans, and a payment provider that only notes who asked.
//!
//! Both end with the test's runtime.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use axum::{Router, serve};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;

use super::SPANS_ARRIVE_MAX;
use crate::harness::wait_until;

type Shared<T> = Arc<Mutex<Vec<T>>>;

/// Takes spans by OTLP.
pub(super) struct Collector {
    pub(super) url: String,
    spans: Shared<Seen>,
}

/// A span, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) span: Span,
    pub(super) resource: Vec<KeyValue>,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let spans = Shared::default();
        let routes = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&spans));
        Self {
            url: format!("http://{}", served(routes).await),
            spans,
        }
    }

    /// The spans of a trace, once there is one of each name.
    pub(super) async fn trace(&self, id: &str, names: &[&str]) -> Vec<Seen> {
        let what = format!("spans of {id} named {names:?}");
        wait_until(&what, SPANS_ARRIVE_MAX, async || {
            let spans = self.of(id);
            let has = |name: &&str| spans.iter().any(|seen| seen.span.name == **name);
            names.iter().all(has).then_some(spans)
        })
        .await
    }

    /// What has come of a trace.
    pub(super) fn of(&self, id: &str) -> Vec<Seen> {
        let spans = self.spans.lock().unwrap();
        let is_its = |seen: &&Seen| hex(&seen.span.trace_id) == id;
        spans.iter().filter(is_its).cloned().collect()
    }

    /// What has come at all.
    pub(super) fn all(&self) -> Vec<Seen> {
        self.spans.lock().unwrap().clone()
    }
}

async fn take(State(spans): State<Shared<Seen>>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    for of_resource in request.resource_spans {
        let resource = of_resource.resource.unwrap_or_default().attributes;
        let scopes = of_resource.scope_spans.into_iter();
        spans
            .lock()
            .unwrap()
            .extend(scopes.flat_map(|scope| scope.spans).map(|span| Seen {
                span,
                resource: resource.clone(),
            }));
    }
    StatusCode::OK
}

/// A payment provider that is out of order: it notes the `traceparent` of each request.
pub(super) struct Provider {
    pub(super) url: String,
    traces: Shared<String>,
}

impl Provider {
    pub(super) async fn start() -> Self {
        let traces = Shared::default();
        let routes = Router::new()
            .fallback(any(refuse))
            .with_state(Arc::clone(&traces));
        Self {
            url: format!("http://{}", served(routes).await),
            traces,
        }
    }

    /// The `traceparent` of each request so far.
    pub(super) fn traces(&self) -> Vec<String> {
        self.traces.lock().unwrap().clone()
    }
}

async fn refuse(State(traces): State<Shared<String>>, headers: HeaderMap) -> StatusCode {
    let trace = headers.get("traceparent");
    let trace = trace.map(|trace| trace.to_str().unwrap().to_owned());
    traces.lock().unwrap().extend(trace);
    StatusCode::SERVICE_UNAVAILABLE
}

async fn served(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener, routes).await });
    addr
}

pub(super) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text among attributes.
pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|it| it.key == key)?;
    match found.value.as_ref()? {
        AnyValue {
            value: Some(Value::StringValue(text)),
        } => Some(text.clone()),
        _ => None,
    }
}
