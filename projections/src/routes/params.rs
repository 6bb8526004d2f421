//! Query parameters, read strictly: an unknown or repeated one is an error, never ignored.

use axum::{extract::Query, http::Uri};
use ordertrace_domain::{OrderId, Position};
use ordertrace_http::{Problem, ProblemKind};

/// The position that an answer must not be older than.
const AFTER: &str = "after";

/// The parameters of one request: each known, each at most once.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query of a URI; every route takes `after`, beside those in `known`.
    pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let Query(params) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| invalid("the query can't be read"))?;
        for (index, (name, _)) in params.iter().enumerate() {
            if name != AFTER && !known.contains(&name.as_str()) {
                return Err(invalid(unknown(known)));
            }
            if params[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(invalid(format!("the parameter {name} is there twice")));
            }
        }
        Ok(Self(params))
    }

    /// The value of a parameter, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter();
        let found = values.find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The position that the answer must not be older than.
    pub(super) fn after(&self) -> Result<Option<Position>, Problem> {
        self.get(AFTER)
            .map(Position::parse)
            .transpose()
            .map_err(|error| invalid(format!("{AFTER} is {error}")))
    }
}

/// What is wrong with a request, for the client.
pub(super) fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::InvalidRequest, detail)
}

fn unknown(known: &[&str]) -> String {
    let known: Vec<_> = known.iter().copied().chain([AFTER]).collect();
    format!("the parameters here are {}", known.join(", "))
}

/// Reads an order's id.
pub(super) fn order_id(text: &str) -> Result<OrderId, Problem> {
    OrderId::parse(text).map_err(|error| Problem::new(ProblemKind::InvalidId, error.to_string()))
}
