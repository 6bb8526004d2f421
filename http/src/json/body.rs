//! The body of a request, as an argument of a handler.
//!
//! Invariant: a body is held to [`BodyLimits`], those that whoever serves has put into the request's extensions, or else the
//! defaults: no route can forget them.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, OptionalFromRequest, Request},
    http::HeaderMap,
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::{FromJson, parse_json};
use crate::{Problem, ProblemKind};

/// The largest body, 64 KiB: a hundred lines with the longest names fit twice over.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a body may take to arrive: 64 KiB over a poor line need a fraction of it.
const BODY_ARRIVES_MAX: Duration = Duration::from_secs(10);

/// What a body is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Its bytes.
    pub bytes_max: usize,
    /// How long it may take to arrive.
    pub arrives_max: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            bytes_max: BODY_BYTES_MAX,
            arrives_max: BODY_ARRIVES_MAX,
        }
    }
}

/// A JSON body. As an `Option` it may be left out; an empty one counts as left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonBody<T>(pub T);

impl<T: FromJson, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (headers, bytes) = read(request).await?;
        parse_json(&headers, &bytes).map(Self)
    }
}

impl<T: FromJson, S: Sync> OptionalFromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, Problem> {
        let (headers, bytes) = read(request).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        parse_json(&headers, &bytes).map(|value| Some(Self(value)))
    }
}

async fn read(request: Request) -> Result<(HeaderMap, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let limits: BodyLimits = parts.extensions.get().copied().unwrap_or_default();
    let bytes = timeout(limits.arrives_max, read_at_most(body, limits.bytes_max)).await;
    let bytes = bytes.map_err(|_| {
        let detail = format!("a body arrives within {:?}", limits.arrives_max);
        Problem::new(ProblemKind::Timeout, detail)
    })?;
    Ok((parts.headers, bytes?))
}

/// Stops reading where the limit is, also where the client does not say how much it is going to send.
async fn read_at_most(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("a body has at most {bytes_max} bytes");
        Problem::new(ProblemKind::TooLarge, detail)
    };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    match Limited::new(body, bytes_max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::new(
            ProblemKind::InvalidRequest,
            "the body broke off before its end",
        )),
    }
}
