//! What the router answers by itself, after routers with different methods on one path were merged; and `Accept`.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::{delete, get, post},
};
use ordertrace_http::{
    Problem, check_accept, check_accept_events, check_accept_lines, check_accept_text,
    with_fallbacks,
};
use rstest::rstest;
use serde_json::Value;
use tower::ServiceExt;

async fn answer(method: &str, path: &str) -> Response {
    let queries = Router::new()
        .route("/orders", get(|| async { "list" }))
        .route("/orders/{id}", get(|| async { "one" }));
    let commands = Router::new()
        .route("/orders", post(|| async { "placed" }))
        .route("/orders/{id}", delete(|| async { "cancelled" }));
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).expect("a request");
    let router = with_fallbacks(queries.merge(commands));
    router.oneshot(request).await.expect("an answer")
}

async fn problem(response: Response) -> Value {
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    let bytes = to_bytes(response.into_body(), usize::MAX).await;
    serde_json::from_slice(&bytes.expect("a body in memory")).expect("JSON")
}

#[rstest]
#[case("PUT", "/orders", "GET,HEAD,POST")]
#[case("DELETE", "/orders", "GET,HEAD,POST")]
#[case("POST", "/orders/1", "GET,HEAD,DELETE")]
#[case("OPTIONS", "/orders/1", "GET,HEAD,DELETE")]
#[case("BREW", "/orders", "GET,HEAD,POST")]
#[tokio::test]
async fn a_method_that_no_route_has_is_told_which_ones_there_are(
    #[case] method: &str,
    #[case] path: &str,
    #[case] allow: &str,
) {
    let response = answer(method, path).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], allow);
    let problem = problem(response).await;
    assert_eq!(problem["type"], "urn:ordertrace:problem:method-not-allowed");
}

#[rstest]
#[case("/")]
#[case("/nothing")]
#[case("/orders/")]
#[case("/orders/1/2")]
#[tokio::test]
async fn a_path_that_no_route_has_is_not_found(#[case] path: &str) {
    let response = answer("GET", path).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        problem(response).await["type"],
        "urn:ordertrace:problem:not-found"
    );
}

#[tokio::test]
async fn merged_routes_answer() {
    for (method, path) in [
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("DELETE", "/orders/1"),
    ] {
        assert_eq!(
            answer(method, path).await.status(),
            StatusCode::OK,
            "{method} {path}"
        );
    }
}

fn accepts(values: &[&'static str]) -> bool {
    let values = values
        .iter()
        .map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
    check_accept(&values.collect::<HeaderMap>()).is_ok()
}

#[rstest]
#[case::no_header(&[])]
#[case::anything(&["*/*"])]
#[case::httpie(&["application/json, */*;q=0.5"])]
#[case::hal(&["application/hal+json"])]
#[case::browser(&["text/html,application/xhtml+xml,*/*;q=0.8"])]
#[case::precise_one_counts(&["*/*;q=0, application/json"])]
#[case::weight(&["application/json;q=0.1"])]
fn who_takes_json_is_served(#[case] accept: &[&'static str]) {
    assert!(accepts(accept));
}

#[rstest]
#[case::xml(&["application/xml"])]
#[case::nothing(&[""])]
#[case::refused(&["application/json;q=0, */*"])]
#[case::weight_of_nothing(&["*/*;q=0.000"])]
#[case::no_weight(&["*/*;q=much"])]
fn who_takes_no_json_is_told(#[case] accept: &[&'static str]) {
    assert!(!accepts(accept));
}

#[rstest]
#[case::no_header(&[], true)]
#[case::event_source(&["text/event-stream"], true)]
#[case::curl(&["*/*"], true)]
#[case::text(&["text/*;q=0.1"], true)]
#[case::json(&["application/json"], false)]
#[case::refused(&["text/event-stream;q=0, */*"], false)]
fn who_takes_events_is_served(#[case] accept: &[&'static str], #[case] is_served: bool) {
    let values = accept
        .iter()
        .map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
    let headers: HeaderMap = values.collect();
    assert_eq!(check_accept_events(&headers).is_ok(), is_served);
}

/// A check of what a client takes.
type Check = fn(&HeaderMap) -> Result<(), Problem>;

const LINES: Check = check_accept_lines;
const TEXT: Check = check_accept_text;

#[rstest]
#[case::no_header(LINES, None, true)]
#[case::curl(LINES, Some("*/*"), true)]
#[case::family(LINES, Some("application/*"), true)]
#[case::lines(LINES, Some("application/x-ndjson"), true)]
#[case::one_document(LINES, Some("application/json"), false)]
#[case::xml(LINES, Some("application/xml"), false)]
#[case::no_header(TEXT, None, true)]
#[case::curl(TEXT, Some("*/*"), true)]
#[case::family(TEXT, Some("text/*"), true)]
#[case::text(TEXT, Some("text/plain; charset=utf-8"), true)]
#[case::refused(TEXT, Some("text/plain;q=0, */*"), false)]
#[case::xml(TEXT, Some("application/xml"), false)]
fn who_takes_lines_or_text_is_served(
    #[case] check: Check,
    #[case] accept: Option<&'static str>,
    #[case] is_served: bool,
) {
    let values = accept.map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
    let headers: HeaderMap = values.into_iter().collect();
    assert_eq!(check(&headers).is_ok(), is_served);
}
