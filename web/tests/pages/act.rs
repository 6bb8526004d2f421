//! What can be done with an order from its page.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::{
    look::{page, shop},
    peer::Peer,
    story::{ID, REQUESTED, STARTED, Step, Story},
};

fn action(name: &str) -> String {
    format!("{}/actions/{name}", page())
}

/// An API that carries out this call.
fn obliging(call: &str) -> Peer {
    let peer = shop(&Story::of("cash", &REQUESTED));
    let position = [("ordertrace-position", "a-12")];
    peer.with(call, StatusCode::OK, &position, &json!({ "orderId": ID }));
    peer
}

#[rstest]
#[case("cash", &REQUESTED, &["approve", "decline", "cancel"])]
#[case("card", &REQUESTED, &["cancel"])]
#[case("cash", &STARTED, &["complete", "fail", "refund", "cancel"])]
#[case("cash", &STARTED[..4], &["start", "refund", "cancel"])]
#[tokio::test]
async fn what_the_state_allows_is_offered(
    #[case] payment: &str,
    #[case] steps: &[Step],
    #[case] offered: &[&str],
) {
    let page = shop(&Story::of(payment, steps)).get(&page()).await;
    let found: Vec<&str> = page
        .html
        .split("/actions/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(found, offered);
}

#[rstest]
#[case("approve", "POST /payments/{id}/approve")]
#[case("decline", "POST /payments/{id}/decline")]
#[case("refund", "POST /payments/{id}/refund")]
#[case("start", "POST /deliveries/{id}/start")]
#[case("complete", "POST /deliveries/{id}/complete")]
#[case("fail", "POST /deliveries/{id}/fail")]
#[case("cancel", "DELETE /orders/{id}")]
#[tokio::test]
async fn a_form_is_a_call_of_the_api(#[case] name: &str, #[case] call: &str) {
    let call = call.replace("{id}", ID);
    let peer = obliging(&call);
    let answer = peer.post(&action(name), "key=k-1&version=2").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), format!("{}?after=a-12", page()));
    let called = peer.call(&call);
    assert_eq!(called.header("idempotency-key"), "k-1");
    assert_eq!(called.header("if-match"), "\"2\"");
    assert_eq!(called.body, "");
}

#[tokio::test]
async fn a_reason_is_handed_on() {
    let call = format!("POST /deliveries/{ID}/fail");
    let peer = obliging(&call);
    peer.post(
        &action("fail"),
        "key=k&version=2&reason=+nobody+%22home%22+",
    )
    .await;
    assert_eq!(peer.call(&call).body, r#"{"reason":"nobody \"home\""}"#);
}

#[tokio::test]
async fn every_form_has_a_key_of_its_own_and_the_version_that_was_looked_at() {
    let page = shop(&Story::of("cash", &REQUESTED)).get(&page()).await;
    let keys = page.html.split("name=\"key\" value=\"").skip(1);
    let mut keys: Vec<&str> = keys.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(keys.len(), 3);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    page.has("name=\"version\" value=\"2\"");
}

#[tokio::test]
async fn an_order_that_changed_meanwhile_is_shown_as_it_is_now() {
    let peer = shop(&Story::of("cash", &STARTED));
    let call = format!("POST /payments/{ID}/approve");
    peer.refuses(
        &call,
        412,
        "precondition-failed",
        "the order is at version 5",
    );
    let answer = peer.post(&action("approve"), "key=k&version=2").await;
    assert_eq!(answer.status, 412);
    answer
        .has("The order changed meanwhile.")
        .has("Nothing was done.")
        .has("DeliveryStarted");
    assert_eq!(answer.header("hx-push-url"), page());
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_the_api() {
    let peer = shop(&Story::of("cash", &STARTED));
    let call = format!("DELETE /orders/{ID}");
    peer.refuses(
        &call,
        409,
        "illegal-transition",
        "the order was already delivered",
    );
    let answer = peer.post(&action("cancel"), "key=k&version=5").await;
    assert_eq!(answer.status, 409);
    answer
        .has("Title of illegal-transition")
        .has("the order was already delivered");
}

#[tokio::test]
async fn what_nobody_can_do_is_no_page() {
    let peer = shop(&Story::of("cash", &STARTED));
    assert_eq!(peer.post(&action("explode"), "key=k").await.status, 404);
}

#[tokio::test]
async fn a_key_that_is_no_header_does_nothing() {
    let peer = shop(&Story::of("cash", &REQUESTED));
    let answer = peer
        .post(&action("approve"), "key=a%0d%0ab&version=2")
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        peer.calls()
            .iter()
            .all(|call| !call.line.starts_with("POST"))
    );
}

#[tokio::test]
async fn whoever_reloads_a_refusal_comes_back_to_the_order() {
    let answer = Peer::default().get(&action("cancel")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, page().as_str())
    );
}
