//! The parameters of a request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::{Hash, Incarnation, Position, Sequence};
use ordertrace_http::{Params, Problem};

/// Reads a position: a token of this log, or the number alone.
pub(super) fn place(
    params: &Params,
    name: &str,
    incarnation: Incarnation,
) -> Result<Option<Sequence>, Problem> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    if let Some(number) = digits(text) {
        return Ok(Some(number));
    }
    let position = Position::parse(text);
    let position = position
        .map_err(|error| Problem::invalid_request(format!("{name} is {error}, and no number")))?;
    if position.incarnation == incarnation {
        Ok(Some(position.sequence))
    } else {
        let detail = format!("{name} is a position of another log");
        Err(Problem::invalid_request(detail))
    }
}

/// Reads a size: a number of events.
pub(super) fn size(params: &Params, name: &str) -> Result<Option<Sequence>, Problem> {
    let read = |text| {
        digits(text)
            .ok_or_else(|| Problem::invalid_request(format!("{name} is no number of events")))
    };
    params.get(name).map(read).transpose()
}

/// A parameter that has to be there.
pub(super) fn required<T>(value: Option<T>, name: &str) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::invalid_request(format!("the parameter {name} is missing")))
}

/// Decimal digits in their one spelling.
fn digits(text: &str) -> Option<Sequence> {
    let number: u64 = text.parse().ok()?;
    // The description promises no more than what every client has a number for.
    let is_plain = number.to_string() == text && i64::try_from(number).is_ok();
    is_plain.then_some(Sequence::new(number))
}

/// A hash as it is written in proofs.
pub(super) fn base64(hash: Hash) -> String {
    STANDARD.encode(hash.as_bytes())
}

/// The same of several.
pub(super) fn base64_all(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().copied().map(base64).collect()
}
