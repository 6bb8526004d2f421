//! What every query takes: the position that its answer must not be older than.

use axum::http::{HeaderMap, Uri};
use ordertrace_domain::{OrderId, Position, Timestamp};
use ordertrace_http::{Params, Problem, ProblemKind};

pub(super) const AFTER: &str = "after";

const AFTER_HEADER: &str = "ordertrace-after";

/// Reads the parameters of a query: `after`, and those in `known`.
pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Params, Problem> {
    let known: Vec<_> = known.iter().copied().chain([AFTER]).collect();
    Params::read(uri, &known)
}

/// The position that the answer must not be older than: a parameter or, for clients that hand on headers more easily, a
/// header. If both are there they have to say the same.
pub(super) fn after(params: &Params, headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let read = |name: &str, text: &str| {
        let position = Position::parse(text);
        position.map_err(|error| Problem::invalid_request(format!("{name} is {error}")))
    };
    let given = params
        .get(AFTER)
        .map(|text| read(AFTER, text))
        .transpose()?;
    let mut header = None;
    for value in headers.get_all(AFTER_HEADER) {
        let position = read(AFTER_HEADER, value.to_str().unwrap_or_default())?;
        if given.or(header).is_some_and(|known| known != position) {
            return Err(Problem::invalid_request(format!(
                "{AFTER} and {AFTER_HEADER} say different positions"
            )));
        }
        header = Some(position);
    }
    Ok(given.or(header))
}

/// Reads a time.
pub(super) fn time_in(params: &Params, name: &str) -> Result<Option<Timestamp>, Problem> {
    let time = params.get(name).map(|text| {
        let refused = |error| Problem::invalid_request(format!("{name} is {error}{}", hint(text)));
        Timestamp::parse(text).map_err(refused)
    });
    time.transpose()
}

/// What may have gone wrong with a time: in a query a `+`, as before an offset from UTC, stands for a space.
pub(super) fn hint(text: &str) -> &'static str {
    if text.contains(' ') {
        "; a + has to be written as %2B there"
    } else {
        ""
    }
}

/// Reads an order's id.
pub(super) fn order_id(text: &str) -> Result<OrderId, Problem> {
    OrderId::parse(text).map_err(|error| Problem::new(ProblemKind::InvalidId, error.to_string()))
}
