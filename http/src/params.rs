//! Query parameters, read strictly: an unknown or repeated one is an error, never ignored.

use axum::{extract::Query, http::Uri};

use crate::{Problem, ProblemKind};

/// The parameters of one request: each known, each at most once.
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query of a URI.
    ///
    /// # Errors
    /// `invalid-request`: it can't be read, names a parameter that is not `known`, or one twice.
    pub fn read(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let Query(params) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Problem::invalid_request("the query can't be read"))?;
        for (index, (name, _)) in params.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                let detail = format!("the parameters here are {known}");
                return Err(Problem::invalid_request(detail));
            }
            if params[..index].iter().any(|(earlier, _)| earlier == name) {
                let detail = format!("the parameter {name} is there twice");
                return Err(Problem::invalid_request(detail));
            }
        }
        Ok(Self(params))
    }

    /// The value of a parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter();
        let found = values.find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Problem {
    /// What is wrong with a request beside its body.
    pub fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidRequest, detail)
    }
}
