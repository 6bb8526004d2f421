//! `docs/http.md` has every route of this crate, and the answers it shows are the real ones.

use ordertrace_domain::testing::fixtures::commands;
use serde_json::Value;

use crate::support::{Api, COFFEE};

const DOCUMENT: &str = include_str!("../../../docs/http.md");

const ROUTES: [&str; 12] = [
    "POST /orders",
    "DELETE /orders/{id}",
    "PUT /payments/{id}",
    "PATCH /payments/{id}",
    "POST /payments/{id}/approve",
    "POST /payments/{id}/decline",
    "POST /payments/{id}/refund",
    "PUT /deliveries/{id}",
    "PATCH /deliveries/{id}",
    "POST /deliveries/{id}/start",
    "POST /deliveries/{id}/complete",
    "POST /deliveries/{id}/fail",
];

#[test]
fn each_route_is_documented() {
    for route in ROUTES {
        assert!(
            DOCUMENT.contains(&format!("`{route}`")),
            "docs/http.md lacks {route}"
        );
    }
}

#[tokio::test]
async fn each_documented_route_exists() {
    let api = Api::new();
    let id = api.coffee().await.to_string();
    for route in ROUTES {
        let (method, path) = route.split_once(' ').expect("method and path");
        let answer = api.call(method, path.replace("{id}", &id)).send().await;
        let name = answer.body["type"].as_str().unwrap_or_default();
        assert!(!name.ends_with("method-not-allowed"), "{route}");
        assert!(!name.ends_with("not-found"), "{route}");
    }
}

/// The JSON block that follows a marker in the document.
fn shown(marker: &str) -> Value {
    let (_, after) = DOCUMENT.split_once(marker).expect("the marker is there");
    let (_, after) = after.split_once("```json\n").expect("a block follows");
    let (block, _) = after.split_once("```").expect("it ends");
    serde_json::from_str(block).expect("it is JSON")
}

#[tokio::test]
async fn the_documented_order_is_the_real_answer() {
    let api = Api::new();
    let call = api.httpie("POST", "/orders", &COFFEE).key("k-1");
    assert_eq!(call.send().await.body, shown("<!-- answer: order -->"));
}

#[tokio::test]
async fn the_documented_payment_and_delivery_are_the_real_answers() {
    let api = Api::new();
    let placed = api
        .httpie("POST", "/orders", &COFFEE)
        .key("k-1")
        .send()
        .await;
    let id = placed.id();
    api.saga(id, [commands::request_payment()]).await;
    let call = api.httpie(
        "PUT",
        format!("/payments/{id}"),
        &[("paymentStatus", "END")],
    );
    assert_eq!(call.send().await.body, shown("<!-- answer: payment -->"));
    api.saga(id, [commands::prepare_delivery(3)]).await;
    let call = api.call("POST", format!("/deliveries/{id}/start"));
    assert_eq!(call.send().await.body, shown("<!-- answer: delivery -->"));
}

#[tokio::test]
async fn the_documented_problem_is_the_real_answer() {
    let fields = [
        ("productId", "1"),
        ("qty", "0"),
        ("paymentType", "card"),
        ("cost", "10.50"),
        ("productName", "Coffee"),
    ];
    let answer = Api::new().httpie("POST", "/orders", &fields).send().await;
    assert_eq!(answer.body, shown("<!-- answer: problem -->"));
}
