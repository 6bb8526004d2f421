//! The description of the API is made of what is served, and its patterns take what the domain takes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use ordertrace_domain::{OrderId, Position, ProductName};
use ordertrace_http::{
    Access, ProblemKind,
    openapi::{
        Answer, ApiRouter, Described, Schemas, line_of_text, order_id, parts, position_token,
    },
};
use regex::Regex;
use tower::ServiceExt as _;
use utoipa::openapi::{
    HttpMethod,
    schema::{Object, ObjectBuilder},
};

/// Beyond the third plane there are tags and selectors only, and those begin here.
const TAGS: std::ops::Range<u32> = 0xe_0000..0xe_0200;

fn described(id: &str) -> Described {
    Described::new(id, "things", Access::PUBLIC, "A thing")
        .answers(|_| Answer::json(StatusCode::OK, ObjectBuilder::new().build(), "It."))
}

fn pattern(schema: &Object) -> Regex {
    Regex::new(schema.pattern.as_ref().unwrap()).unwrap()
}

#[tokio::test]
async fn a_route_and_its_description_have_the_same_path_and_method() {
    let api = ApiRouter::new()
        .route(
            HttpMethod::Get,
            "/things/{id}",
            async || "it",
            described("getThing"),
        )
        .route(
            HttpMethod::Delete,
            "/things/{id}",
            async || "gone",
            described("dropThing"),
        );
    let (routes, endpoints) = api.split();
    let (paths, _) = parts(endpoints);
    let item = &paths.paths["/things/{id}"];
    assert!(item.get.is_some() && item.delete.is_some() && item.post.is_none());
    for (method, status) in [
        (Method::GET, StatusCode::OK),
        (Method::DELETE, StatusCode::OK),
        (Method::POST, StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = Request::builder().method(&method).uri("/things/1");
        let request = request.body(Body::empty()).unwrap();
        let answer = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{method}");
    }
}

#[test]
fn a_status_that_is_an_answer_and_a_problem_has_both_contents() {
    let ready = Described::new("isReady", "machines", Access::PUBLIC, "Ready")
        .problems([ProblemKind::LogUnavailable])
        .answers(|_| {
            let text = ObjectBuilder::new().build();
            Answer::of_type(
                StatusCode::SERVICE_UNAVAILABLE,
                "text/plain",
                text,
                "It is not.",
            )
        });
    let (routes, endpoints) = ApiRouter::<()>::new()
        .route(HttpMethod::Get, "/readyz", async || "ok", ready)
        .split();
    drop(routes);
    let (paths, _) = parts(endpoints);
    let answers = &paths.paths["/readyz"]
        .get
        .as_ref()
        .unwrap()
        .responses
        .responses;
    let answer = serde_json::to_value(&answers["503"]).unwrap();
    assert!(answer["content"]["text/plain"].is_object(), "{answer}");
    assert!(
        answer["content"]["application/problem+json"].is_object(),
        "{answer}"
    );
    assert!(answer["headers"]["Retry-After"].is_object(), "{answer}");
}

#[test]
#[should_panic(expected = "two different schemas have the name Thing")]
fn a_name_stands_for_one_schema() {
    let mut schemas = Schemas::default();
    schemas.named("Thing", ObjectBuilder::new().build());
    schemas.named("Thing", order_id());
}

#[test]
fn text_is_described_exactly_as_it_is_checked() {
    let described = pattern(&line_of_text(ProductName::CHARS_MAX));
    for character in (0..0x4_0000).chain(TAGS).filter_map(char::from_u32) {
        for text in [
            format!("{character}"),
            format!("a{character}b"),
            format!("ab{character}"),
        ] {
            let is_taken = ProductName::parse(text.clone()).is_ok();
            assert_eq!(described.is_match(&text), is_taken, "{text:?}");
        }
    }
    for length in [0, 1, 2, 99, 100, 101] {
        let text = "a".repeat(length);
        let is_taken = ProductName::parse(text.clone()).is_ok();
        assert_eq!(described.is_match(&text), is_taken, "{length} characters");
    }
}

#[test]
fn ids_and_positions_are_described_as_they_are_read() {
    let (id, position) = (pattern(&order_id()), pattern(&position_token()));
    for text in [
        "0bff1311-4371-507b-bccd-aa96e86ad0f3",
        "0BFF1311-4371-507b-bccd-aa96e86ad0f3",
        "0bff13114371507bbccdaa96e86ad0f3",
        "18c0a3f2b1e40000-42",
        "18c0a3f2b1e40000-0",
        "18c0a3f2b1e40000-042",
        "018c0a3f2b1e4000-42",
        "18C0a3f2b1e40000-42",
        "18c0a3f2b1e40000-+42",
        "18c0a3f2b1e40000",
        "118c0a3f2b1e400001-42",
    ] {
        assert_eq!(id.is_match(text), OrderId::parse(text).is_ok(), "{text}");
        assert_eq!(
            position.is_match(text),
            Position::parse(text).is_ok(),
            "{text}"
        );
    }
}
