//! The id in a path. Order, payment and delivery share it.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use ordertrace_domain::OrderId;
use ordertrace_http::{Problem, ProblemKind};

/// The `{id}` of a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderPath(pub(crate) OrderId);

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let no_id = |detail: String| Problem::new(ProblemKind::InvalidId, detail);
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| no_id("the path holds bytes that are no text".to_owned()))?;
        OrderId::parse(&text)
            .map(Self)
            .map_err(|error| no_id(error.to_string()))
    }
}
