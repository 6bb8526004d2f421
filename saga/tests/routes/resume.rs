//! Having an order tried again.

use ordertrace_domain::testing::fixtures::{self, histories};
use serde_json::json;

use crate::desk::{Desk, unknown};

#[tokio::test]
async fn a_stuck_order_is_resumed_by_waking_the_saga() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    let path = format!("/ops/stuck/{order}/resume");
    let case = desk.post(path).await.accepted();
    assert_eq!(case["stuck"], true);
    assert!(desk.is_woken_now(order));
    assert_eq!(case, desk.get(format!("/ops/stuck/{order}")).await.ok());
}

#[tokio::test]
async fn an_order_that_is_not_stuck_may_be_resumed_and_the_answer_says_so() {
    let desk = Desk::new();
    let order = desk.order(histories::requested(fixtures::cash())).await;
    let path = format!("/ops/stuck/{order}/resume");
    let case = desk.post_json(path, &json!({})).await.accepted();
    assert_eq!(case["stuck"], false);
    assert!(desk.is_woken_now(order));
}

#[tokio::test]
async fn an_order_that_has_ended_is_not_resumed() {
    let desk = Desk::new();
    let order = desk.order(histories::completed(fixtures::cash())).await;
    let answer = desk.post(format!("/ops/stuck/{order}/resume")).await;
    answer.assert_problem(409, "illegal-transition");
    assert_eq!(answer.body["code"], "OrderAlreadyCompleted");
    assert_eq!(desk.meddled.woken(), []);
}

#[tokio::test]
async fn a_resume_takes_no_fields() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    let path = format!("/ops/stuck/{order}/resume");
    let answer = desk.post_json(path, &json!({ "reason": "please" })).await;
    answer.assert_problem(422, "validation");
    assert_eq!(desk.meddled.woken(), []);
}

#[tokio::test]
async fn a_resume_that_could_not_wake_the_saga_is_repeated() {
    let desk = Desk::new();
    let order = desk.order(unknown(20)).await;
    let path = format!("/ops/stuck/{order}/resume");
    desk.meddled.timers_are_down(true);
    let answer = desk.post(&path).await;
    answer.assert_problem(503, "outcome-unknown");
    desk.meddled.timers_are_down(false);
    desk.post(&path).await.accepted();
    assert!(desk.is_woken_now(order));
}
