//! Each amount that makes the simulator misbehave.

use std::time::Duration;

use ordertrace_saga::simulator::Simulator;
use serde_json::json;
use tokio::time::Instant;

use crate::server::{Server, answer, assert_lost, name, wish};

fn confirm_path(id: &str) -> String {
    format!("/v1/payment_intents/{id}/confirm")
}

#[tokio::test]
async fn declined_leaves_the_intent_without_a_payment_method() {
    let server = Server::start().await;
    let id = server.intent(40_200).await;
    let confirmed = server.confirmed(&id).await;
    assert_eq!(confirmed.status, 402);
    let error = &confirmed.body["error"];
    assert_eq!(error["type"], "card_error");
    assert_eq!(error["code"], "card_declined");
    assert_eq!(error["decline_code"], "generic_decline");
    let intent = &error["payment_intent"];
    assert_eq!(intent["id"], json!(id));
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
    assert_eq!(server.status_of(&id).await, "requires_payment_method");

    let again = server.confirmed(&id).await;
    assert_eq!(again.status, 400);
    let cancelled = server.cancelled(&id).await.body;
    assert_eq!(cancelled["status"], "canceled");
    assert_eq!(cancelled["last_payment_error"]["code"], "card_declined");
    assert_eq!(server.money().await, (0, 0, 1));
}

#[tokio::test]
async fn unknown_method_makes_no_intent() {
    let server = Server::start().await;
    let created = server.posted("/v1/payment_intents", &wish(40_400)).await;
    assert_eq!(created.status, 400);
    let error = &created.body["error"];
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["param"], "payment_method");
    assert_eq!(server.ledger().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn slow_is_charged_at_once_and_answered_late_but_only_the_first_time() {
    const LATE: Duration = Duration::from_secs(4);
    let server = Server::of(Simulator::in_memory().answering_late_by(LATE)).await;
    let id = server.intent(40_800).await;
    let asked = Instant::now();
    let impatient = server.post(&confirm_path(&id), "").timeout(LATE / 16);
    assert!(impatient.send().await.expect_err("no answer").is_timeout());
    assert_eq!(server.status_of(&id).await, "succeeded");
    assert!(asked.elapsed() < LATE, "the look-up was slow as well");
    assert_eq!(server.confirmed(&id).await.status, 400);
    assert!(asked.elapsed() < LATE, "the second one was slow as well");

    let other = server.intent(40_800).await;
    let asked = Instant::now();
    assert_eq!(server.confirmed(&other).await.body["status"], "succeeded");
    assert!(asked.elapsed() >= LATE);
}

#[tokio::test]
async fn rate_limited_puts_off_each_step_once_and_does_nothing() {
    let server = Server::start().await;
    let put_off = |answer: &crate::server::Answer| {
        assert_eq!(answer.status, 429);
        assert_eq!(answer.retry_after.as_deref(), Some("1"));
        assert_eq!(answer.body["error"]["code"], "rate_limit");
    };
    put_off(&server.posted("/v1/payment_intents", &wish(42_900)).await);
    let id = server.intent(42_900).await;
    put_off(&server.confirmed(&id).await);
    assert_eq!(server.status_of(&id).await, "requires_confirmation");
    assert_eq!(server.confirmed(&id).await.status, 200);
    put_off(&server.refunded(&id).await);
    assert_eq!(server.money().await, (42_900, 0, 1));
    assert_eq!(server.refunded(&id).await.status, 200);
    assert_eq!(server.money().await, (42_900, 42_900, 1));
}

#[tokio::test]
async fn error_fails_before_the_intent_and_after_all_else() {
    let server = Server::start().await;
    let failed = server.posted("/v1/payment_intents", &wish(50_000)).await;
    assert_eq!(failed.status, 500);
    assert_eq!(failed.body["error"]["type"], "api_error");
    assert!(server.ledger().await.is_empty());
    let id = server.intent(50_000).await;
    assert_eq!(server.confirmed(&id).await.status, 500);
    assert_eq!(server.status_of(&id).await, "succeeded");
    assert_eq!(server.refunded(&id).await.status, 500);
    assert_eq!(server.money().await, (50_000, 50_000, 1));
}

#[tokio::test]
async fn lost_request_ends_the_connection_with_nothing_done_once_a_step() {
    let server = Server::start().await;
    assert_lost(server.post("/v1/payment_intents", &wish(50_300))).await;
    assert!(server.ledger().await.is_empty());
    let id = server.intent(50_300).await;
    assert_lost(server.post(&confirm_path(&id), "")).await;
    assert_eq!(server.status_of(&id).await, "requires_confirmation");
    assert_eq!(server.confirmed(&id).await.status, 200);
    let refund = format!("payment_intent={id}");
    assert_lost(server.post("/v1/refunds", &refund)).await;
    assert_eq!(server.money().await, (50_300, 0, 1));
    assert_eq!(server.refunded(&id).await.status, 200);
    assert_eq!(server.money().await, (50_300, 50_300, 1));
}

#[tokio::test]
async fn lost_answer_ends_the_connection_with_all_done_once_a_step() {
    let server = Server::start().await;
    let keyed = |path: &str, form: &str, key: &str| {
        let request = server.post(path, form);
        request.header("idempotency-key", key)
    };
    let created = answer(keyed("/v1/payment_intents", &wish(50_400), "k-1")).await;
    let id = name(&created);
    assert_lost(keyed(&confirm_path(&id), "", "k-2")).await;
    assert_eq!(server.status_of(&id).await, "succeeded");
    let repeated = answer(keyed(&confirm_path(&id), "", "k-2")).await;
    assert_eq!(repeated.status, 200);
    assert!(repeated.is_replayed);
    let refund = format!("payment_intent={id}");
    assert_lost(keyed("/v1/refunds", &refund, "k-3")).await;
    assert_eq!(server.money().await, (50_400, 50_400, 1));
    let list = server.got(&format!("/v1/refunds?{refund}")).await.body;
    assert_eq!(list["data"][0]["amount"], 50_400);
}
