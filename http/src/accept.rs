//! Whether a client takes what we answer.

use axum::http::{HeaderMap, header};

use crate::{Problem, ProblemKind};

/// What an answer comes as.
struct Form {
    /// Its media types.
    types: &'static [&'static str],
    /// The range of all types of its kind.
    family: &'static str,
    /// What to say to a client that does not take it.
    refusal: &'static str,
}

const JSON: Form = Form {
    types: &["application/json", "application/hal+json"],
    family: "application/*",
    refusal: "the answer is application/json",
};

const EVENTS: Form = Form {
    types: &["text/event-stream"],
    family: "text/*",
    refusal: "the answer is text/event-stream",
};

const LINES: Form = Form {
    types: &["application/x-ndjson"],
    family: "application/*",
    refusal: "the answer is application/x-ndjson",
};

const TEXT: Form = Form {
    types: &["text/plain"],
    family: "text/*",
    refusal: "the answer is text/plain",
};

/// Checks that an answer in JSON is acceptable (RFC 9110, 12.5.1). Without an `Accept` header everything is.
///
/// # Errors
/// 406 when every range that covers JSON is missing or has weight 0.
pub fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    check(headers, &JSON)
}

/// Checks that a stream of server-sent events is acceptable, likewise.
///
/// # Errors
/// 406 when every range that covers `text/event-stream` is missing or has weight 0.
pub fn check_accept_events(headers: &HeaderMap) -> Result<(), Problem> {
    check(headers, &EVENTS)
}

/// Checks that an answer in lines of JSON is acceptable, likewise.
///
/// # Errors
/// 406 when every range that covers `application/x-ndjson` is missing or has weight 0.
pub fn check_accept_lines(headers: &HeaderMap) -> Result<(), Problem> {
    check(headers, &LINES)
}

/// Checks that plain text is acceptable, likewise.
///
/// # Errors
/// 406 when every range that covers `text/plain` is missing or has weight 0.
pub fn check_accept_text(headers: &HeaderMap) -> Result<(), Problem> {
    check(headers, &TEXT)
}

fn check(headers: &HeaderMap, form: &Form) -> Result<(), Problem> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    let closest = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| form.range(range))
        .max_by_key(|range| range.precision);
    match closest {
        Some(range) if range.is_wanted => Ok(()),
        Some(_) | None => Err(Problem::new(ProblemKind::NotAcceptable, form.refusal)),
    }
}

/// A media range that covers a form. Of several the most precise one counts.
struct Range {
    precision: u8,
    is_wanted: bool,
}

impl Form {
    /// What a range says of it, if it covers it.
    fn range(&self, range: &str) -> Option<Range> {
        let mut parts = range.split(';').map(str::trim);
        let precision = match parts.next()?.to_ascii_lowercase().as_str() {
            name if self.types.contains(&name) => 2,
            name if name == self.family => 1,
            "*/*" => 0,
            _ => return None,
        };
        let weight = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(Ok(1.0), |(_, weight)| weight.trim().parse::<f32>());
        Some(Range {
            precision,
            is_wanted: weight.is_ok_and(|weight| weight > 0.0),
        })
    }
}
