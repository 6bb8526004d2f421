//! Whether a form was ours, and of this session.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, header},
};
use http_body_util::{BodyExt as _, Limited};
use ordertrace_http::{BodyLimits, Problem, ProblemKind};
use tokio::time::timeout;

use crate::Session;

/// The header that a script sends a session's token in.
pub const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The field that a form sends it in.
pub const CSRF_FIELD: &str = "csrf";

/// The request, if it changes nothing or brings the session's token. A form is read for it, and handed on as it was.
pub(super) async fn checked(session: &Session, request: Request) -> Result<Request, Problem> {
    if request.method().is_safe() {
        return Ok(request);
    }
    if request.headers().contains_key(CSRF_HEADER) {
        let token = in_header(request.headers());
        return verdict(session, token).map(|()| request);
    }
    if !is_form(request.headers()) {
        return verdict(session, None).map(|()| request);
    }
    let (parts, body) = request.into_parts();
    let limits: BodyLimits = parts.extensions.get().copied().unwrap_or_default();
    let body = Limited::new(body, limits.bytes_max).collect();
    let bytes = timeout(limits.arrives_max, body).await;
    let bytes = bytes.map_err(|_| Problem::new(ProblemKind::Timeout, "the form took too long"))?;
    let bytes = bytes
        .map_err(|_| Problem::new(ProblemKind::TooLarge, "the form is too large or broke off"))?
        .to_bytes();
    let token = in_form(&bytes);
    verdict(session, token.as_deref())?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn verdict(session: &Session, token: Option<&str>) -> Result<(), Problem> {
    if token.is_some_and(|token| session.check_csrf(token)) {
        return Ok(());
    }
    tracing::debug!("a form was sent without the token of its session");
    let detail = "this does not come from a page of your session: load the page again, and send the form once more";
    Err(Problem::new(ProblemKind::CrossSite, detail))
}

/// The one header's value.
fn in_header(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(CSRF_HEADER).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}

/// The one field's value.
fn in_form(bytes: &[u8]) -> Option<String> {
    let mut all = form_urlencoded::parse(bytes).filter(|(name, _)| name == CSRF_FIELD);
    match (all.next(), all.next()) {
        (Some((_, one)), None) => Some(one.into_owned()),
        _ => None,
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|it| {
        it.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}
