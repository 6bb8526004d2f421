//! A body to try things with.

use axum::{
    body::to_bytes,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use ordertrace_http::{Faulty, Fields, FromJson, Problem, parse_json};
use serde_json::Value;

/// A body with a field of each sort.
#[derive(Debug, PartialEq)]
pub(crate) struct Probe {
    pub(crate) number: i64,
    pub(crate) text: Option<String>,
    pub(crate) money: Option<i64>,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Part(i64);

impl FromJson for Part {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        fields.required("size", |value| value.integer()).map(Self)
    }
}

impl FromJson for Probe {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let number = fields.required("number", |value| value.integer());
        let text = fields.optional("text", |value| value.text());
        let money = fields.optional("money", |value| value.minor_units());
        let parts = if fields.has("parts") {
            fields.list("parts")
        } else {
            Ok(vec![])
        };
        Ok(Self {
            number: number?,
            text: text?,
            money: money?,
            parts: parts?,
        })
    }
}

pub(crate) fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter().cloned();
    pairs
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
}

pub(crate) fn read(body: impl AsRef<[u8]>) -> Result<Probe, Problem> {
    parse_json(
        &headers(&[(header::CONTENT_TYPE, "application/json")]),
        body.as_ref(),
    )
}

pub(crate) async fn shown(problem: Problem) -> Value {
    let body = problem.into_response().into_body();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body in memory");
    serde_json::from_slice(&bytes).expect("a problem is JSON")
}

#[track_caller]
pub(crate) fn refused<T>(read: Result<T, Problem>) -> Problem {
    match read {
        Ok(_) => panic!("the body was taken"),
        Err(problem) => problem,
    }
}
