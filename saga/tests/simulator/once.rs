//! Idempotency keys.

use crate::server::{Answer, Server, answer, wish};

async fn keyed(server: &Server, path: &str, form: &str, key: &str) -> Answer {
    let request = server.post(path, form).header("idempotency-key", key);
    answer(request).await
}

#[tokio::test]
async fn a_repeat_is_answered_by_the_first_answer_and_does_nothing() {
    let server = Server::start().await;
    let path = "/v1/payment_intents";
    let first = keyed(&server, path, &wish(1_000), "k").await;
    let second = keyed(&server, path, &wish(1_000), "k").await;
    assert!(!first.is_replayed);
    assert!(second.is_replayed);
    assert_eq!((first.status, first.body), (second.status, second.body));
    assert_eq!(server.ledger().await.len(), 1);
}

#[tokio::test]
async fn a_key_is_of_no_use_for_another_request() {
    let server = Server::start().await;
    let path = "/v1/payment_intents";
    keyed(&server, path, &wish(1_000), "k").await;
    let other = keyed(&server, path, &wish(2_000), "k").await;
    assert_eq!(other.status, 400);
    assert_eq!(other.body["error"]["type"], "idempotency_error");
    let elsewhere = keyed(&server, "/v1/refunds", "payment_intent=pi_x", "k").await;
    assert_eq!(elsewhere.status, 400);
    assert_eq!(elsewhere.body["error"]["type"], "idempotency_error");
    assert_eq!(server.ledger().await.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_the_answer_to_its_repeats_too() {
    let server = Server::start().await;
    let id = server.intent(40_200).await;
    let path = format!("/v1/payment_intents/{id}/confirm");
    let first = keyed(&server, &path, "", "k").await;
    server.cancelled(&id).await;
    let second = keyed(&server, &path, "", "k").await;
    assert_eq!(first.status, 402);
    assert_eq!((first.status, first.body), (second.status, second.body));
}

#[tokio::test]
async fn a_stored_500_is_repeated_for_ever_though_the_money_was_taken() {
    let server = Server::start().await;
    let wish = wish(50_000);
    keyed(&server, "/v1/payment_intents", &wish, "k-1").await;
    // The 500 came before anything began, so the key is as good as new.
    let created = keyed(&server, "/v1/payment_intents", &wish, "k-1").await;
    let id = crate::server::name(&created);
    let path = format!("/v1/payment_intents/{id}/confirm");
    assert_eq!(keyed(&server, &path, "", "k-2").await.status, 500);
    let repeated = keyed(&server, &path, "", "k-2").await;
    assert_eq!(repeated.status, 500);
    assert!(repeated.is_replayed);
    assert_eq!(server.money().await, (50_000, 0, 1));
}

#[tokio::test]
async fn requests_at_the_same_time_with_one_key_are_carried_out_once() {
    let server = Server::start().await;
    let wish = wish(1_000);
    let request = || keyed(&server, "/v1/payment_intents", &wish, "k");
    let answers = futures::future::join_all((0..16).map(|_| request())).await;
    let fresh = answers.iter().filter(|answer| !answer.is_replayed);
    assert_eq!(fresh.count(), 1);
    assert_eq!(server.ledger().await.len(), 1);
}
