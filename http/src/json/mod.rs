//! Strict JSON input: a body is read once, checked as a whole, and everything that is wrong with it is told at once.
//!
//! Invariant: nothing is guessed. A body that is not exactly one well-formed JSON value in UTF-8 is refused as malformed
//! before any field is looked at; a field that is not what it should be is never rounded, cut or skipped.
//!
//! Why not serde's derive: it stops at the first fault, names Rust types in its messages, keeps the last of two equal
//! keys in a map, and would take the text `"1"`, as httpie sends it, for no number.

mod body;
mod content;
mod fault;
mod fields;
mod value;

pub use body::{BODY_BYTES_MAX, BodyLimits, JsonBody};
pub use fault::Fault;
pub use fields::{Faulty, Fields, FromJson};
pub use value::Json;

use axum::http::HeaderMap;

use crate::Problem;
use fault::Faults;

/// Reads a body that has to be a JSON object with the fields of `T`.
///
/// # Errors
/// 415 when it is not declared as JSON in UTF-8 without a content encoding, 400 `malformed-json` when it is no JSON,
/// 422 with a pointer to each field that is not as `T` wants it.
pub fn parse_json<T: FromJson>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    content::check(headers)?;
    let mut faults = Faults::default();
    let read = fields::read_object(Json::parse(body)?, String::new(), &mut faults);
    match read {
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) | Err(Faulty { .. }) => Err(faults.into_problem()),
    }
}
