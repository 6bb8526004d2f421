//! What an operator is told when the log does not answer, or an order can't be read.

use ordertrace_domain::testing::fixtures::{self, histories};
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn a_log_out_of_reach_is_said_and_nothing_is_done() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    desk.log.unavailable(true);
    for path in [
        "/ops/dlq".to_owned(),
        "/ops/dlq/saga.1".to_owned(),
        format!("/ops/stuck/{order}"),
    ] {
        let answer = desk.get(path).await;
        answer.assert_problem(503, "log-unavailable");
        assert_eq!(answer.headers["retry-after"], "1");
    }
    for path in [
        "/ops/dlq/saga.1/retry".to_owned(),
        format!("/ops/stuck/{order}/resume"),
    ] {
        let answer = desk.post(path).await;
        answer.assert_problem(503, "log-unavailable");
    }
    desk.log.unavailable(false);
    assert_eq!(desk.meddled.woken(), []);
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "waiting");
}

#[tokio::test]
async fn a_log_that_was_created_anew_answers_nothing() {
    let desk = Desk::new();
    desk.park(1, None).await;
    desk.log.recreate();
    let body = json!({ "reason": "a test" });
    for answer in [
        desk.get("/ops/dlq").await,
        desk.post_json("/ops/dlq/saga.1/discard", &body).await,
    ] {
        answer.assert_problem(503, "log-unavailable");
    }
}

#[tokio::test]
async fn an_order_that_can_not_be_read_names_the_message_that_is_at_fault() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.log.write_foreign(order, b"no envelope");
    for answer in [
        desk.get(format!("/ops/stuck/{order}")).await,
        desk.post(format!("/ops/stuck/{order}/resume")).await,
    ] {
        answer.assert_problem(500, "order-unreadable");
        let detail = answer.body["detail"].as_str().expect("words");
        assert!(detail.contains("/ops/dlq/saga.2"), "{detail}");
        assert!(!detail.contains("envelope"), "{detail}");
    }
    assert_eq!(desk.meddled.woken(), []);
}
