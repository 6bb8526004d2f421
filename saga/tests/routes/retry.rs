//! Having a parked message's order tried again.

use std::time::Duration;

use ordertrace_domain::{
    OrderId, Verdict,
    testing::fixtures::{self, histories, reason},
};
use serde_json::json;

use crate::{desk::Desk, meddled::Meddling};

/// An order whose first message is parked.
async fn parked() -> (Desk, OrderId) {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    (desk, order)
}

#[tokio::test]
async fn a_retry_is_recorded_and_wakes_the_saga() {
    let (desk, order) = parked().await;
    desk.later(Duration::from_secs(60));
    let letter = desk.post("/ops/dlq/saga.1/retry").await.accepted();
    assert_eq!(letter["status"], "retried");
    assert_eq!(letter["settledAt"], "2023-11-14T22:14:20.000000Z");
    assert_eq!(letter["settledBy"], "anonymous");
    assert_eq!(letter["parkedAt"], "2023-11-14T22:13:20.000000Z");
    assert!(desk.is_woken_now(order));
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok(), letter);
}

#[tokio::test]
async fn a_retry_takes_an_empty_object_and_nothing_else() {
    let (desk, order) = parked().await;
    let path = "/ops/dlq/saga.1/retry";
    let unknown = desk.post_json(path, &json!({ "force": true })).await;
    unknown.assert_problem(422, "validation");
    assert_eq!(desk.meddled.woken(), []);
    desk.post_json(path, &json!({})).await.accepted();
    assert!(desk.is_woken_now(order));
}

#[tokio::test]
async fn a_message_may_be_retried_again() {
    let (desk, order) = parked().await;
    for _ in 0..2 {
        desk.later(Duration::from_secs(1));
        let letter = desk.post("/ops/dlq/saga.1/retry").await.accepted();
        let now = desk.clock_shows();
        assert_eq!(letter["settledAt"], now);
    }
    let woken: Vec<_> = desk.meddled.woken();
    assert_eq!(
        woken.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [order; 2]
    );
}

#[tokio::test]
async fn a_discarded_message_may_be_retried_after_all() {
    let (desk, order) = parked().await;
    let body = json!({ "reason": "a mistake" });
    desk.post_json("/ops/dlq/saga.1/discard", &body).await.ok();
    let letter = desk.post("/ops/dlq/saga.1/retry").await.accepted();
    assert_eq!(letter["status"], "retried");
    assert_eq!(letter.get("discardReason"), None);
    assert!(desk.is_woken_now(order));
}

#[tokio::test]
async fn a_message_that_was_parked_again_meanwhile_is_retried_as_it_is_now() {
    let (desk, order) = parked().await;
    desk.meddled.meddle(Meddling::RetryAndPark);
    let letter = desk.post("/ops/dlq/saga.1/retry").await.accepted();
    assert_eq!(letter["status"], "retried");
    assert_eq!(letter["settledBy"], "anonymous");
    assert!(desk.is_woken_now(order));
}

#[tokio::test]
async fn a_message_that_never_rests_is_left_alone() {
    let (desk, _) = parked().await;
    for _ in 0..5 {
        desk.meddled.meddle(Meddling::RetryAndPark);
    }
    let answer = desk.post("/ops/dlq/saga.1/retry").await;
    answer.assert_problem(409, "version-conflict");
    assert_eq!(desk.meddled.woken(), []);
    desk.post("/ops/dlq/saga.1/retry").await.accepted();
}

#[tokio::test]
async fn a_message_of_no_order_can_not_be_retried() {
    let desk = Desk::new();
    desk.park(7, None).await;
    let answer = desk.post("/ops/dlq/saga.7/retry").await;
    answer.assert_problem(409, "illegal-transition");
    assert_eq!(answer.body["code"], "LetterOfNoOrder");
    let letter = desk.get("/ops/dlq/saga.7").await.ok();
    assert_eq!(letter["status"], "waiting");
}

#[tokio::test]
async fn a_retry_that_could_not_wake_the_saga_is_repeated() {
    let (desk, order) = parked().await;
    desk.meddled.timers_are_down(true);
    let answer = desk.post("/ops/dlq/saga.1/retry").await;
    answer.assert_problem(503, "outcome-unknown");
    let detail = answer.body["detail"].as_str().expect("words");
    assert!(detail.contains("on record"), "{detail}");
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "retried");
    desk.meddled.timers_are_down(false);
    desk.post("/ops/dlq/saga.1/retry").await.accepted();
    assert!(desk.is_woken_now(order));
}

#[tokio::test]
async fn a_message_parked_anew_after_its_retry_waits_again() {
    let (desk, order) = parked().await;
    desk.post("/ops/dlq/saga.1/retry").await.accepted();
    desk.later(Duration::from_secs(9));
    desk.park(1, Some(order)).await;
    let letter = desk.get("/ops/dlq/saga.1").await.ok();
    assert_eq!(letter["status"], "waiting");
    assert_eq!(letter["parkedAt"], "2023-11-14T22:13:29.000000Z");
    assert_eq!(letter.get("settledAt"), None);
}

#[tokio::test]
async fn another_operators_discard_does_not_keep_a_retry_from_being_carried_out() {
    let (desk, order) = parked().await;
    let reason = reason("no use");
    desk.meddled
        .meddle(Meddling::Settle(Verdict::Discarded { reason }));
    let letter = desk.post("/ops/dlq/saga.1/retry").await.accepted();
    assert_eq!(letter["status"], "retried");
    assert!(desk.is_woken_now(order));
}
