//! What is sent back, or not.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use futures::stream;
use serde_json::Value;

use super::{
    super::magic::{RETRY_AFTER_SECS, Trouble},
    refusal::ApiError,
};

/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// An answer, and what becomes of it on its way.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) trouble: Option<Trouble>,
    pub(super) is_replayed: bool,
}

impl Answer {
    pub(super) const fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = HeaderValue::from_static("application/json");
        (status, [(CONTENT_TYPE, kind)], self.body.to_string()).into_response()
    }
}

impl Reply {
    pub(super) async fn send(self, slow_answer: Duration) -> Response {
        match self.trouble {
            Some(Trouble::Lost) => return cut(),
            Some(Trouble::RateLimited) => {
                let mut response = ApiError::rate_limited().into_response();
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
                return response;
            }
            Some(Trouble::Late) => tokio::time::sleep(slow_answer).await,
            // The answer is the error.
            Some(Trouble::Error) | None => {}
        }
        let mut response = self.answer.into_response();
        if self.is_replayed {
            let headers = response.headers_mut();
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Ends the connection without an answer: the body breaks before its first byte, so the server closes the connection
/// before it has sent the head.
fn cut() -> Response {
    let broken: Result<Bytes, io::Error> = Err(io::ErrorKind::ConnectionAborted.into());
    Response::new(Body::from_stream(stream::iter([broken])))
}
