//! A success of the API: its body, and what its headers say.

use axum::{
    body::{Body, Bytes},
    http::HeaderMap,
    response::Response,
};
use http_body_util::{BodyExt as _, Limited};
use ordertrace_http::POSITION_HEADER;
use serde::de::DeserializeOwned;

use super::{ApiError, error::refused};

/// The most that is read of an answer: an order of 1,000 events with all their data, and some room. More is no answer of
/// this API, and is not kept in memory to find out.
pub(super) const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The resource.
    pub(crate) body: T,
    /// Where the log stood, or the view that was asked.
    pub(crate) position: Option<String>,
}

impl<T: DeserializeOwned> Answer<T> {
    pub(super) async fn read(response: Response) -> Result<Self, ApiError> {
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        let (parts, body) = response.into_parts();
        let position = text(&parts.headers, POSITION_HEADER);
        let body = whole(body).await?;
        Ok(Self {
            body: serde_json::from_slice(&body).map_err(ApiError::unreadable)?,
            position,
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A whole body, if it is within the bound.
pub(super) async fn whole(body: Body) -> Result<Bytes, ApiError> {
    let read = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    Ok(read.map_err(ApiError::unreadable)?.to_bytes())
}
