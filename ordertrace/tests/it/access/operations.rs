//! The operations there are: those of the routes in this process, and those that only the program itself has.

use std::collections::{BTreeMap, BTreeSet};

use ordertrace_http::openapi::{Endpoint, parts};
use serde_json::Value;

/// The frozen description of the whole program, which another test holds to what is served.
const DESCRIPTION: &str = include_str!("../snapshots/openapi.json");

/// An operation, as it is described.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// Who may call it; none if everybody may.
    pub(super) roles: BTreeSet<String>,
}

/// Operations by their names.
pub(super) type Operations = BTreeMap<String, Operation>;

/// Those of these routes.
pub(super) fn of(endpoints: Vec<Endpoint>) -> Operations {
    let (paths, _) = parts(endpoints);
    in_paths(&serde_json::to_value(paths).unwrap())
}

/// Those of the whole program.
pub(super) fn of_the_program() -> Operations {
    let document: Value = serde_json::from_str(DESCRIPTION).unwrap();
    in_paths(&document["paths"])
}

fn in_paths(paths: &Value) -> Operations {
    let mut operations = Operations::new();
    for (path, item) in paths.as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let known = Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                roles: roles(&operation["security"]),
            };
            assert_eq!(operations.insert(id, known), None, "a name is there twice");
        }
    }
    operations
}

fn roles(security: &Value) -> BTreeSet<String> {
    let alternatives = security.as_array().map(Vec::as_slice).unwrap_or_default();
    let scopes = alternatives
        .iter()
        .flat_map(|alternative| alternative.as_object().unwrap().values())
        .flat_map(|scopes| scopes.as_array().unwrap());
    let names = scopes.map(|scope| scope.as_str().unwrap().to_owned());
    names.collect()
}
