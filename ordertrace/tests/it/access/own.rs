//! What a customer is shown is theirs: no answer that they get has another's order in it.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Request},
};
use ordertrace_domain::{OrderId, testing::fixtures};
use serde_json::Value;

use super::{
    matrix::request,
    scene::{Scene, customer},
    table::{Asker, Cell, rows},
};

/// Fits all that a stream tells of two orders.
const STREAM_BYTES_MAX: usize = 1 << 20;

/// What a customer may ask about an order of theirs, or about none, and whether it is a stream.
fn questions(scene: &Scene, own: OrderId) -> Vec<(&'static str, Request<Body>, bool)> {
    let admitted = rows().into_iter().filter_map(|row| {
        let operation = scene.operations.get(row.operation)?;
        let is_question = row.cell(Asker::Owner) == Cell::Admitted && operation.method == "GET";
        let is_stream = operation.path.ends_with("/stream");
        let request = request(row.operation, operation, own);
        is_question.then_some((row.operation, request, is_stream))
    });
    admitted.collect()
}

#[tokio::test]
async fn no_answer_to_a_customer_has_anothers_order_in_it() {
    let scene = Scene::new().await;
    for (own, order, other, others_order) in [
        ("alice", scene.alices, "bob", scene.bobs),
        ("bob", scene.bobs, "alice", scene.alices),
    ] {
        for (operation, request, is_stream) in questions(&scene, order) {
            let answer = scene.send(Some(&customer(own)), request).await;
            let text = String::from_utf8(answer.body.into()).unwrap();
            // Some answers name the order, some its customer, some both.
            let names = |name: &str, order: OrderId| {
                text.contains(&order.to_string()) || text.contains(name)
            };
            assert_eq!(names(own, order), !is_stream, "{operation}: {text}");
            assert!(!names(other, others_order), "{operation}: {text}");
        }
    }
}

#[tokio::test]
async fn no_stream_of_a_customer_tells_of_anothers_order() {
    let scene = Scene::new().await;
    let start = scene.start.to_string();
    let mut streams = Vec::new();
    for (operation, mut request, is_stream) in questions(&scene, scene.alices) {
        if is_stream {
            let last = HeaderValue::try_from(&start).unwrap();
            request.headers_mut().insert("last-event-id", last);
            let response = scene.open(Some(&customer("alice")), request).await;
            streams.push((operation, response.into_body()));
        }
    }
    assert_eq!(streams.len(), 2);
    scene.shutdown.cancel();
    for (operation, body) in streams {
        let told = to_bytes(body, STREAM_BYTES_MAX).await.unwrap();
        let told = String::from_utf8(told.into()).unwrap();
        // Placed, requested, approved, prepared.
        let traces = told.matches("event: trace").count();
        assert_eq!(traces, 4, "{operation}: {told}");
        assert!(told.contains(&scene.alices.to_string()), "{operation}");
        assert!(
            !told.contains(&scene.bobs.to_string()),
            "{operation}: {told}"
        );
    }
}

#[tokio::test]
async fn who_has_ordered_nothing_finds_nothing() {
    let scene = Scene::new().await;
    let mut lists = 0;
    for (operation, request, is_stream) in questions(&scene, fixtures::order_id()) {
        let answer = scene.send(Some(&customer("eve")), request).await;
        if answer.status.is_success() && !is_stream {
            let list: Value = serde_json::from_slice(&answer.body).unwrap();
            let entries = list["_embedded"].as_object().unwrap().values();
            let entries: Vec<_> = entries.collect();
            assert_eq!(entries, [&Value::Array(Vec::new())], "{operation}");
            let total = &list["page"]["totalElements"];
            assert!(total.is_null() || *total == 0, "{operation}: {list}");
            lists += 1;
        }
    }
    assert_eq!(lists, 4);
}
