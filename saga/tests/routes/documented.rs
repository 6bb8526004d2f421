//! `docs/http.md` has every route of an operator, every reason for which an order is stuck, and real answers.

use std::time::Duration;

use ordertrace_domain::{
    EventLog, OrderId, StuckReason,
    testing::fixtures::{self, histories},
};
use serde_json::Value;

use crate::desk::{Desk, unknown};

const DOCUMENT: &str = include_str!("../../../docs/http.md");

/// The order of the document, and the log it is in.
const DOCUMENTED_ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";
const DOCUMENTED_LOG: &str = "18c0a3f2b1e40000";

const ROUTES: [&str; 6] = [
    "GET /ops/dlq",
    "GET /ops/dlq/{id}",
    "POST /ops/dlq/{id}/retry",
    "POST /ops/dlq/{id}/discard",
    "GET /ops/stuck/{orderId}",
    "POST /ops/stuck/{orderId}/resume",
];

#[tokio::test]
async fn each_route_is_documented_and_exists() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    desk.park(1, Some(order)).await;
    for route in ROUTES {
        assert!(
            DOCUMENT.contains(&format!("`{route}")),
            "docs/http.md lacks {route}"
        );
        let (method, path) = route.split_once(' ').expect("method and path");
        let path = path.replace("{id}", "saga.1");
        let path = path.replace("{orderId}", &order.to_string());
        let answer = match method {
            "GET" => desk.get(path).await,
            _ => desk.post(path).await,
        };
        assert!(![404, 405].contains(&answer.status.as_u16()), "{route}");
    }
}

/// What the document has for operators.
fn section() -> &'static str {
    let (_, section) = DOCUMENT.split_once("\n## Operators\n").expect("a section");
    let (section, _) = section.split_once("\n## ").expect("another one follows");
    section
}

#[test]
fn each_reason_for_which_an_order_is_stuck_is_documented() {
    for reason in StuckReason::ALL {
        let row = format!("\n| `{}` | ", reason.name());
        assert!(section().contains(&row), "docs/http.md lacks {row}");
    }
}

#[test]
fn each_code_of_a_refusal_is_documented() {
    for code in [
        "LetterOfNoOrder",
        "LetterOfEndedOrder",
        "LetterAlreadyDiscarded",
        "OrderAlreadyCancelled",
        "OrderAlreadyRejected",
        "OrderAlreadyCompleted",
    ] {
        assert!(section().contains(&format!("`{code}`")), "{code}");
    }
}

/// The JSON block that follows a marker in the document.
fn shown(marker: &str) -> Value {
    let (_, after) = DOCUMENT.split_once(marker).expect("the marker is there");
    let (_, after) = after.split_once("```json\n").expect("a block follows");
    let (block, _) = after.split_once("```").expect("it ends");
    serde_json::from_str(block).expect("it is JSON")
}

/// An answer, with the document's id and log.
fn documented(desk: &Desk, order: OrderId, answer: &Value) -> Value {
    let text = answer.to_string();
    let text = text.replace(&order.to_string(), DOCUMENTED_ID);
    let text = text.replace(&desk.log.incarnation().to_string(), DOCUMENTED_LOG);
    serde_json::from_str(&text).expect("it is JSON")
}

#[tokio::test]
async fn the_documented_message_is_the_real_answer() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(42, Some(order)).await;
    let letter = desk.get("/ops/dlq/saga.42").await.ok();
    let letter = documented(&desk, order, &letter);
    assert_eq!(letter, shown("<!-- answer: dead letter -->"), "{letter:#}");
}

#[tokio::test]
async fn the_documented_case_is_the_real_answer() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    desk.later(Duration::from_mins(3));
    let mut case = desk.get(format!("/ops/stuck/{order}")).await.ok();
    let timeline = case["timeline"].as_array_mut().expect("a list");
    *timeline = timeline.split_off(19);
    let case = documented(&desk, order, &case);
    assert_eq!(case, shown("<!-- answer: stuck order -->"), "{case:#}");
}
