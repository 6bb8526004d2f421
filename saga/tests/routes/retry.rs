//! Having a parked message's order tried again.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Event, OrderId, RejectionCause, Verdict,
    testing::fixtures::{self, events, histories, reason},
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

/// Called off before anybody asked for the money.
fn cancelled() -> Vec<Event> {
    let mut events = histories::requested(fixtures::cash());
    events.extend([
        events::cancellation_requested(),
        events::payment_voided(),
        events::order_cancelled(CancellationCause::Requested),
    ]);
    events
}

/// The provider declined the payment.
fn rejected() -> Vec<Event> {
    let mut events = histories::submitted(fixtures::card());
    events.extend([
        events::payment_declined(),
        events::order_rejected(RejectionCause::PaymentDeclined),
    ]);
    events
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
async fn a_message_of_an_order_that_has_ended_goes_on_waiting_until_it_is_discarded() {
    for ended in [
        histories::completed(fixtures::card()),
        cancelled(),
        rejected(),
    ] {
        let desk = Desk::new();
        let order = desk.order(ended).await;
        desk.park(4, Some(order)).await;
        let answer = desk.post("/ops/dlq/saga.4/retry").await;
        answer.assert_problem(409, "illegal-transition");
        assert_eq!(answer.body["code"], "LetterOfEndedOrder");
        let detail = answer.body["detail"].as_str().expect("words");
        assert!(detail.contains("by hand"), "{detail}");
        assert_eq!(desk.meddled.woken(), []);
        assert_eq!(desk.get("/ops/dlq/saga.4").await.ok()["status"], "waiting");
        let body = json!({ "reason": "refunded by hand" });
        desk.post_json("/ops/dlq/saga.4/discard", &body).await.ok();
    }
}

#[tokio::test]
async fn a_message_whose_order_ends_while_it_is_decided_on_goes_on_waiting() {
    let (desk, order) = parked().await;
    let ending = histories::completed(fixtures::cash()).split_off(1);
    desk.meddled.meddle(Meddling::GoOnAndPark(ending));
    let answer = desk.post("/ops/dlq/saga.1/retry").await;
    answer.assert_problem(409, "illegal-transition");
    assert_eq!(answer.body["code"], "LetterOfEndedOrder");
    let letter = desk.get("/ops/dlq/saga.1").await.ok();
    assert_eq!(letter["status"], "waiting");
    assert_eq!(letter["reason"], "the money was taken");
    assert_eq!(letter["orderId"], order.to_string());
    assert_eq!(desk.meddled.woken(), []);
}

#[tokio::test]
async fn a_message_of_an_order_that_can_not_be_read_may_be_retried() {
    let desk = Desk::new();
    let order = desk.order(histories::completed(fixtures::cash())).await;
    let foreign = desk.log.write_foreign(order, b"no envelope").get();
    desk.park(foreign, Some(order)).await;
    let path = format!("/ops/dlq/saga.{foreign}/retry");
    let letter = desk.post(path).await.accepted();
    assert_eq!(letter["status"], "retried");
    assert!(desk.is_woken_now(order));
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

#[tokio::test]
async fn a_dry_run_is_checked_and_changes_nothing() {
    let (desk, order) = parked().await;
    let before = desk.get("/ops/dlq/saga.1").await;
    let id = before.ok()["id"].as_str().map(str::to_owned);
    assert_eq!(id.as_deref(), Some("saga.1"));
    let dry = json!({ "dryRun": true });
    for (path, body) in [
        ("/ops/dlq/saga.1/retry", dry.clone()),
        (
            "/ops/dlq/saga.1/discard",
            json!({ "dryRun": "true", "reason": "a test" }),
        ),
        (&format!("/ops/stuck/{order}/resume"), dry.clone()),
    ] {
        let answer = desk.post_json(path, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
    }
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "waiting");
    assert_eq!(desk.meddled.woken(), []);
    desk.park(7, None).await;
    let refused = desk.post_json("/ops/dlq/saga.7/retry", &dry).await;
    assert_eq!(refused.body["code"], "LetterOfNoOrder");
    let unclear = desk
        .post_json("/ops/dlq/saga.1/retry", &json!({ "dryRun": 1 }))
        .await;
    unclear.assert_problem(422, "validation");
}
