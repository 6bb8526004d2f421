//! What every answer has to be, whatever was asked.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header, response::Parts};
use ordertrace_domain::Position;
use ordertrace_http::POSITION_HEADER;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::wait;

/// More than any answer of a log as small as ours has.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An answer that was read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// Sends a request. Nothing that a client sends is the server's fault; what is refused is a problem that says so; and an
/// answer that is not says where the log stood.
pub(super) fn to(routes: &Router, request: Request<Body>) -> Answer {
    let answered = wait::for_it(async {
        let response = routes.clone().oneshot(request).await;
        let (parts, body) = response.expect("a router always answers").into_parts();
        let body = to_bytes(body, ANSWER_BYTES_MAX).await;
        (parts, body.expect("an answer ends"))
    });
    let (parts, bytes) = answered;
    let body = match bytes.as_ref() {
        b"" => Value::Null,
        bytes => serde_json::from_slice(bytes).expect("an answer is JSON"),
    };
    check(&parts, &body);
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

fn check(Parts { status, headers, .. }: &Parts, body: &Value) {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|it| it.to_str().ok());
    if status.is_client_error() || status.is_server_error() {
        check_problem(*status, content_type, body);
    } else {
        assert!(status.is_success(), "{status}");
        let position = headers.get(POSITION_HEADER);
        let position = position.and_then(|it| it.to_str().ok()).unwrap_or_default();
        assert!(Position::parse(position).is_ok(), "{position:?}");
    }
}

/// A view that is asked for what is still to come says so by a 503; there is no other one here.
pub(super) fn check_problem(status: StatusCode, content_type: Option<&str>, body: &Value) {
    let is_to_come = status == StatusCode::SERVICE_UNAVAILABLE;
    assert!(status.is_client_error() || is_to_come, "{status}: {body}");
    assert_eq!(content_type, Some("application/problem+json"), "{status}");
    assert_eq!(body["status"], status.as_u16());
    let kind = body["type"].as_str().unwrap_or_default();
    assert!(kind.starts_with("urn:ordertrace:problem:"), "{body}");
}
