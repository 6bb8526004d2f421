//! The headers that a command listens to.
//!
//! Invariant: a header that changes what a command does is understood exactly, or the request is refused.

use axum::http::{HeaderMap, header};
use ordertrace_domain::{IdempotencyKey, Version};
use ordertrace_http::{Problem, ProblemKind};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What `If-Match` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: the order exists. A command to one that does not exist fails anyway.
    Exists,
    /// The order is at this version.
    Version(Version),
}

/// The `Idempotency-Key`, if there is one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let refused = |detail: &str| Problem::new(ProblemKind::IdempotencyKey, detail);
    let mut values = texts(headers, IDEMPOTENCY_KEY);
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refused("a request has at most one Idempotency-Key"));
    }
    IdempotencyKey::parse(first.unwrap_or_default())
        .map(Some)
        .map_err(|error| refused(&error.to_string()))
}

/// The `If-Match`, if there is one.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    let mut values = texts(headers, header::IF_MATCH.as_str());
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let only = first.filter(|_| values.next().is_none());
    only.and_then(parse_if_match).map(Some).ok_or_else(|| {
        Problem::new(
            ProblemKind::InvalidRequest,
            "If-Match has to be one ETag as an answer gave it, such as \"3\", or *",
        )
    })
}

fn parse_if_match(text: &str) -> Option<IfMatch> {
    if text.trim() == "*" {
        return Some(IfMatch::Exists);
    }
    let number = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    let version = Version::new(number.parse().ok()?);
    // Exactly the form in which it was given out: no plus sign, no leading zero.
    (version.to_string() == number).then_some(IfMatch::Version(version))
}

/// The values of a header; `None` where one is not visible ASCII.
fn texts<'a>(
    headers: &'a HeaderMap,
    name: &'a str,
) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().ok())
}
