//! What the headers say of a body.

use axum::http::{HeaderMap, HeaderName, header};

use crate::{Problem, ProblemKind};

/// Checks that a body is declared as JSON in UTF-8, and as nothing that would have to be unpacked first: a few bytes of
/// gzip can stand for gigabytes.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    if !single(headers, &header::CONTENT_TYPE)?.is_some_and(is_json) {
        return Err(unsupported("send it with Content-Type: application/json"));
    }
    match single(headers, &header::CONTENT_ENCODING)? {
        Some(encoding) if !encoding.trim().eq_ignore_ascii_case("identity") => {
            Err(unsupported("send it without a Content-Encoding"))
        }
        Some(_) | None => Ok(()),
    }
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(ProblemKind::UnsupportedMediaType, detail)
}

/// The header's value; two of them would be read one way here and the other way by somebody in between.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(Some)
            .map_err(|_| unsupported("its headers are not ASCII")),
        (Some(_), Some(_)) => Err(unsupported("a header that describes it is there twice")),
    }
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts
            .filter_map(|parameter| parameter.split_once('='))
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .all(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}
