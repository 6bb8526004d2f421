//! Requests to the JetStream API, and what their failure means.
//!
//! Invariant: an error is classified by the server's code, never by its text.

use std::time::Duration;

use async_nats::RequestError;
use async_nats::client::Request;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{self, Context, ErrorCode};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use crate::connection::ANSWER_MAX;

/// A leader's election takes about five seconds; asked this often, its end is noticed at once for what people notice.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Why a request to the JetStream API failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The server answered no.
    #[error("the server refused: {0}")]
    Refused(jetstream::Error),
    /// The server did not answer: out of reach, without a leader, or the permission is missing.
    #[error("the server did not answer")]
    Unanswered(#[source] RequestError),
    /// The server's answer is none that this program can read.
    #[error("the server's answer can't be read")]
    Unreadable(#[source] serde_json::Error),
}

impl ApiError {
    /// The server's code for its refusal.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.error_code()),
            Self::Unanswered(_) | Self::Unreadable(_) => None,
        }
    }

    /// Whether the same request may succeed a moment later: a cluster that elects a leader answers like this, and so
    /// does a server that has only just started.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Unreadable(_) => false,
            Self::Refused(error) => error.code() == 503 || PASSING.contains(&error.error_code()),
        }
    }
}

/// Refusals other than 503 that pass by themselves.
const PASSING: [ErrorCode; 5] = [
    ErrorCode::CLUSTER_NO_PEERS,
    ErrorCode::CLUSTER_NOT_LEADER,
    ErrorCode::CLUSTER_NOT_ASSIGNED,
    ErrorCode::RAFT_GENERAL,
    ErrorCode::JETSTREAM_NOT_ENABLED,
];

/// Asks once; an empty request for what takes no arguments.
pub(crate) async fn ask<T: DeserializeOwned>(
    context: &Context,
    subject: &str,
    request: Bytes,
) -> Result<T, ApiError> {
    ask_for(ANSWER_MAX, context, subject, request).await
}

/// Asks once for what may take the server this long.
pub(crate) async fn ask_for<T: DeserializeOwned>(
    wait: Duration,
    context: &Context,
    subject: &str,
    request: Bytes,
) -> Result<T, ApiError> {
    let request = Request::new().payload(request).timeout(Some(wait));
    let client = context.client();
    let answer = client.send_request(format!("$JS.API.{subject}"), request);
    let answer = answer.await.map_err(ApiError::Unanswered)?;
    match serde_json::from_slice(&answer.payload).map_err(ApiError::Unreadable)? {
        Response::Ok(answer) => Ok(answer),
        Response::Err { error } => Err(ApiError::Refused(error)),
    }
}

/// Asks until there is an answer that will not change by itself, at most until the deadline.
pub(crate) async fn ask_until<T: DeserializeOwned>(
    deadline: Instant,
    context: &Context,
    subject: &str,
    request: Bytes,
) -> Result<T, ApiError> {
    loop {
        match ask(context, subject, request.clone()).await {
            Err(error) if error.is_passing() && Instant::now() + ASK_AGAIN < deadline => {
                sleep(ASK_AGAIN).await;
            }
            result => return result,
        }
    }
}
