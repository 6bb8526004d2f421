//! A route that panics: its client learns no more than that, and the others are served on.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
    routing::get,
};
use clap::{Args as _, Command, FromArgMatches as _};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::guarded;
use crate::{
    cli::ServerArgs,
    server::{Hosts, Login, entrance::Entrance},
};

const INSIDE: &str = "the wheels came off at axle 7";

async fn breaks() -> &'static str {
    if INSIDE.is_empty() {
        ""
    } else {
        panic!("{INSIDE}")
    }
}

fn routes() -> Router {
    let command = ServerArgs::augment_args(Command::new("role"));
    let limits = command.try_get_matches_from(["role"]).unwrap();
    let limits = ServerArgs::from_arg_matches(&limits).unwrap();
    let entrance = Entrance::new(Hosts::local_and(&[]), &limits, CancellationToken::new());
    let routes = Router::new()
        .route("/breaks", get(breaks))
        .route("/works", get(async || "it works"));
    guarded(routes, entrance, &Login::open(), &limits)
}

async fn asked(routes: &Router, path: &str) -> (u16, String) {
    let request = Request::get(path).header("host", "localhost");
    let request = request.body(Body::empty()).unwrap();
    let answer = routes.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_route_that_panics_is_an_internal_problem_and_tells_nothing_of_the_inside() {
    let routes = routes();
    let (status, body) = asked(&routes, "/breaks").await;
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 500);
    assert_eq!(problem["type"], "urn:ordertrace:problem:internal");
    assert!(!body.contains("wheels"), "{body}");
    let works = (200, "it works".to_owned());
    assert_eq!(asked(&routes, "/works").await, works);
}
