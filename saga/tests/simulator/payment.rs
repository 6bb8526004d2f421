//! A payment that goes well: made, confirmed, given back; and one that is called off.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn an_intent_is_made_unconfirmed_and_charges_nothing() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    let seen = server.got(&format!("/v1/payment_intents/{id}")).await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body["object"], "payment_intent");
    assert_eq!(seen.body["status"], "requires_confirmation");
    assert_eq!(seen.body["amount"], 1_000);
    assert_eq!(seen.body["amount_received"], 0);
    assert_eq!(seen.body["currency"], "eur");
    assert_eq!(seen.body["payment_method"], "pm_card_visa");
    let metadata = json!({"order_id": "o-1", "attempt": "1"});
    assert_eq!(seen.body["metadata"], metadata);
    assert_eq!(server.money().await, (0, 0, 0));
}

#[tokio::test]
async fn a_confirmation_charges_and_a_refund_gives_back() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    let confirmed = server.confirmed(&id).await;
    assert_eq!(confirmed.status, 200);
    assert_eq!(confirmed.body["status"], "succeeded");
    assert_eq!(confirmed.body["amount_received"], 1_000);
    let refunded = server.refunded(&id).await;
    assert_eq!(refunded.status, 200);
    assert_eq!(refunded.body["object"], "refund");
    assert_eq!(refunded.body["status"], "succeeded");
    assert_eq!(refunded.body["amount"], 1_000);
    assert_eq!(refunded.body["payment_intent"], json!(id));
    assert_eq!(server.money().await, (1_000, 1_000, 1));
}

#[tokio::test]
async fn refunds_are_listed_last_first_and_no_more_than_asked_for() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    server.confirmed(&id).await;
    let part = |amount| format!("payment_intent={id}&amount={amount}");
    let first = server.posted("/v1/refunds", &part(300)).await;
    let second = server.posted("/v1/refunds", &part(700)).await;
    assert_ne!(first.body["id"], second.body["id"]);
    let list = |limit| format!("/v1/refunds?payment_intent={id}&limit={limit}");
    let all = server.got(&list(100)).await.body;
    assert_eq!(all["object"], "list");
    assert_eq!(all["has_more"], false);
    assert_eq!(all["data"], json!([second.body, first.body]));
    let one = server.got(&list(1)).await.body;
    assert_eq!(one["has_more"], true);
    assert_eq!(one["data"], json!([second.body]));
}

#[tokio::test]
async fn an_intent_that_was_called_off_is_never_charged() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    let cancelled = server.cancelled(&id).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(cancelled.body["status"], "canceled");
    assert_eq!(server.confirmed(&id).await.status, 400);
    assert_eq!(server.money().await, (0, 0, 0));
}

#[tokio::test]
async fn who_asks_for_two_intents_without_a_key_gets_two() {
    let server = Server::start().await;
    let (first, second) = (server.intent(1_000).await, server.intent(1_000).await);
    assert_ne!(first, second);
    assert_eq!(server.ledger().await.len(), 2);
}

#[tokio::test]
async fn the_ledger_counts_requests_by_intent() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    server.confirmed(&id).await;
    server.confirmed(&id).await;
    server.status_of(&id).await;
    let expected = json!([{
        "intent": id, "order_id": "o-1", "amount": 1_000, "captured": 1_000, "refunded": 0,
        "confirmations": 1, "requests": 4,
    }]);
    assert_eq!(json!(server.ledger().await), expected);
}
