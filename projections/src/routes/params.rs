//! What every query takes: the position that its answer must not be older than.

use axum::http::Uri;
use ordertrace_domain::{OrderId, Position};
use ordertrace_http::{Params, Problem, ProblemKind};

const AFTER: &str = "after";

/// Reads the parameters of a query: `after`, and those in `known`.
pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Params, Problem> {
    let known: Vec<_> = known.iter().copied().chain([AFTER]).collect();
    Params::read(uri, &known)
}

/// The position that the answer must not be older than.
pub(super) fn after(params: &Params) -> Result<Option<Position>, Problem> {
    let after = params.get(AFTER).map(Position::parse).transpose();
    after.map_err(|error| Problem::invalid_request(format!("{AFTER} is {error}")))
}

/// Reads an order's id.
pub(super) fn order_id(text: &str) -> Result<OrderId, Problem> {
    OrderId::parse(text).map_err(|error| Problem::new(ProblemKind::InvalidId, error.to_string()))
}
