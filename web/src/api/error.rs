//! What can come of a call instead of a success.

use std::error::Error;

use axum::{
    http::{StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::answer::whole;

/// The code of what was asked of a role that is away.
const UNREACHABLE: &str = "upstream-unreachable";

type Cause = Box<dyn Error + Send + Sync>;

/// Why there is no answer to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The API said no, or that it can't; in its own words.
    #[error("the API refused: {}", .0.title)]
    Refused(Box<Problem>),
    /// The API's answer is not what this page knows: two versions that do not fit, or a body beyond the bound.
    #[error("the API's answer can't be read")]
    Unreadable(#[source] Cause),
    /// What was put in can't be put in a request at all, such as a line break in a header.
    #[error("the API can't be asked that")]
    Unsendable(#[source] Cause),
}

impl ApiError {
    pub(super) fn unreadable(error: impl Into<Cause>) -> Self {
        Self::Unreadable(error.into())
    }

    pub(super) fn unsendable(error: impl Into<Cause>) -> Self {
        Self::Unsendable(error.into())
    }

    /// What an answer says that is no success.
    pub(crate) async fn of(response: Response) -> Self {
        refused(response).await
    }

    /// The status that a page with this error has.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(problem) => problem.status,
            Self::Unreadable(_) => StatusCode::BAD_GATEWAY,
            Self::Unsendable(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The API's own words, if it had any.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::Unreadable(_) | Self::Unsendable(_) => None,
        }
    }
}

/// A problem as the API tells it (RFC 9457).
#[derive(Debug, Clone, Default)]
pub(crate) struct Problem {
    /// The answer's status.
    pub(crate) status: StatusCode,
    /// The last part of its `type`, such as `not-found`; empty if it had none.
    pub(crate) kind: String,
    /// The same words for every problem of the kind.
    pub(crate) title: String,
    /// A sentence about this one.
    pub(crate) detail: String,
    /// The precise reason, where there is one.
    pub(crate) code: Option<String>,
    /// What is wrong, field by field.
    pub(crate) errors: Vec<FieldProblem>,
    /// When to come back, in seconds.
    pub(crate) retry_after_secs: Option<u32>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct FieldProblem {
    /// Where, as a JSON pointer.
    pub(crate) pointer: String,
    /// What.
    pub(crate) detail: String,
}

/// The body of a problem; what is missing is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    r#type: String,
    title: String,
    detail: String,
    code: Option<String>,
    errors: Vec<FieldProblem>,
}

/// An answer that is no success.
pub(super) async fn refused(response: Response) -> ApiError {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    let body = match whole(response.into_body()).await {
        Ok(body) => body,
        Err(error) => return error,
    };
    // A refusal without words, such as a proxy's, is told by its status.
    let told: Told = serde_json::from_slice(&body).unwrap_or_default();
    let kind = told.r#type.rsplit(':').next().unwrap_or_default();
    let fallback = status.canonical_reason().unwrap_or("The request failed");
    ApiError::Refused(Box::new(Problem {
        status,
        kind: kind.to_owned(),
        title: if told.code.as_deref() == Some(UNREACHABLE) {
            // The kind's own words are of a process that has too much to do.
            "A part of this can't be reached".to_owned()
        } else if told.title.is_empty() {
            fallback.to_owned()
        } else {
            told.title
        },
        detail: told.detail,
        code: told.code,
        errors: told.errors,
        retry_after_secs: retry_after,
    }))
}
