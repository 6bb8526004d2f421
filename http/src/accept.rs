//! Whether a client takes what we answer.

use axum::http::{HeaderMap, header};

use crate::{Problem, ProblemKind};

/// Checks that an answer in JSON is acceptable (RFC 9110, 12.5.1). Without an `Accept` header everything is.
///
/// # Errors
/// 406 when every range that covers JSON is missing or has weight 0.
pub fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    let closest = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(json_range)
        .max_by_key(|range| range.precision);
    match closest {
        Some(range) if range.is_wanted => Ok(()),
        Some(_) | None => Err(Problem::new(
            ProblemKind::NotAcceptable,
            "the answer is application/json",
        )),
    }
}

/// A media range that covers JSON. Of several the most precise one counts.
struct JsonRange {
    precision: u8,
    is_wanted: bool,
}

fn json_range(range: &str) -> Option<JsonRange> {
    let mut parts = range.split(';').map(str::trim);
    let precision = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json" | "application/hal+json" => 2,
        "application/*" => 1,
        "*/*" => 0,
        _ => return None,
    };
    let weight = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Ok(1.0), |(_, weight)| weight.trim().parse::<f32>());
    Some(JsonRange {
        precision,
        is_wanted: weight.is_ok_and(|weight| weight > 0.0),
    })
}
