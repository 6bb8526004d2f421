//! Problem details (RFC 9457): every error of the API, with a stable `type`.
//!
//! Invariant: nothing of the inside gets into a problem. Causes are logged where they are handled; a client reads what
//! it can do about the problem.

mod kind;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{ExecuteError, LogError, Refusal, Rejection};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};

use crate::openapi;
pub use kind::ProblemKind;

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What.
    pub detail: String,
}

/// A problem, ready to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    code: Option<String>,
    errors: Vec<FieldError>,
    retry_after_secs: Option<u32>,
}

/// When to come back after a 429 or a 503, unless something better is known.
const RETRY_AFTER_SECS: u32 = 1;

impl Problem {
    /// A problem of a kind, with a sentence for the person who reads it.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let is_temporary = matches!(
            kind.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        Self {
            kind,
            detail: detail.into(),
            code: None,
            errors: Vec::new(),
            retry_after_secs: is_temporary.then_some(RETRY_AFTER_SECS),
        }
    }

    /// A problem with one field of the body.
    pub fn field(kind: ProblemKind, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        };
        Self::fields(kind, vec![error])
    }

    /// A problem with several fields of the body.
    pub fn fields(kind: ProblemKind, errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{} {}", one.pointer, one.detail).trim().to_owned(),
            several => format!("{} fields are not valid", several.len()),
        };
        Self {
            errors,
            ..Self::new(kind, detail)
        }
    }

    /// The answer for an order that does not exist, and for one that is another's: the same bytes.
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "there is nothing here")
    }

    /// Its kind.
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The same problem in other words.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same problem, worth another try only after so many seconds.
    #[must_use]
    pub const fn with_retry_after(mut self, secs: u32) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// Adds a stable word for the precise reason.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(Rejection::OrderNotFound) => Self::not_found(),
            Refusal::Rejected(rejection) => {
                Self::new(ProblemKind::IllegalTransition, rejection.to_string())
                    .with_code(format!("{rejection:?}"))
            }
            Refusal::VersionMismatch { .. } => {
                Self::new(ProblemKind::PreconditionFailed, refusal.to_string())
            }
            Refusal::CommandReused => Self::new(ProblemKind::KeyReuse, refusal.to_string()),
        }
    }
}

impl From<&LogError> for Problem {
    fn from(error: &LogError) -> Self {
        match error {
            LogError::Unavailable(_) | LogError::Recreated => Self::new(
                ProblemKind::LogUnavailable,
                "the event log can't be reached; nothing was changed",
            ),
            LogError::Broken(_) => Self::new(
                ProblemKind::OrderUnreadable,
                "the history of this order is damaged; an operator has to look at it",
            ),
        }
    }
}

impl From<&ExecuteError> for Problem {
    fn from(error: &ExecuteError) -> Self {
        match error {
            ExecuteError::Log(error) => error.into(),
            ExecuteError::NotStored(_) => Self::new(
                ProblemKind::LogUnavailable,
                "the event log did not take the command; nothing was changed",
            ),
            ExecuteError::OutcomeUnknown(_) => Self::new(
                ProblemKind::OutcomeUnknown,
                "the event log did not say whether the command was carried out; \
                 send it again with the same Idempotency-Key, or look at the order",
            ),
            ExecuteError::Contended => Self::new(
                ProblemKind::VersionConflict,
                "others kept changing the order; nothing was changed by this command",
            ),
            ExecuteError::OrderFull => Self::new(ProblemKind::OrderFull, error.to_string()),
        }
    }
}

/// A problem (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Which problem it is: stable, for programs.
    #[schema(schema_with = all_types)]
    r#type: String,
    /// The same words for every problem of the type.
    title: &'a str,
    /// The HTTP status once more.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong this time, for people.
    detail: &'a str,
    /// A stable word for the precise reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<&'a str>,
    /// What is wrong with the body, field by field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

fn all_types() -> Object {
    let all: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.urn()).collect();
    openapi::word(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = axum::Json(ProblemBody {
            r#type: self.kind.urn(),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code.as_deref(),
            errors: &self.errors,
        });
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}
