//! What the router itself answers, as problems too.
//!
//! They belong on the router that has all routes: two routers that both have a fallback for a path can't be merged.

use axum::{Router, http::Method};

use crate::{Problem, ProblemKind};

/// Gives a router, with all its routes already merged, the answers to what no route takes.
pub fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(route_not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// 404: nothing has this path.
pub async fn route_not_found() -> Problem {
    Problem::not_found()
}

/// 405: something has this path, but not for this method. The router adds `Allow`.
pub async fn method_not_allowed(method: Method) -> Problem {
    // Unknown methods are whatever the client made up, so only those that have a meaning are named.
    let detail = match method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE => format!("{method} is not possible here; see Allow"),
        _ => "this method is not possible here; see Allow".to_owned(),
    };
    Problem::new(ProblemKind::MethodNotAllowed, detail)
}
