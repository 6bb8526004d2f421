//! The newer calls: one each for what may happen to a payment and to a delivery.

use ordertrace_domain::{
    DeliveryEvent, Event, OrderId, PaymentEvent,
    testing::fixtures::{self, commands},
};
use serde_json::json;

use crate::support::{Answer, Api};

async fn post(api: &Api, path: String) -> Answer {
    api.call("POST", path).send().await
}

async fn last_event(api: &Api, id: OrderId) -> Event {
    let history = api.history(id).await;
    let last = history.events().last().expect("an event");
    last.envelope.event.clone()
}

#[tokio::test]
async fn a_payment_is_approved() {
    let api = Api::new();
    let id = api.requested().await;
    let answer = post(&api, format!("/payments/{id}/approve")).await;
    assert_eq!((answer.status.as_u16(), answer.etag()), (200, "\"3\""));
    assert_eq!(answer.body["paymentStatus"], "END");
}

#[tokio::test]
async fn a_payment_is_declined_for_a_reason() {
    let api = Api::new();
    let id = api.requested().await;
    let path = format!("/payments/{id}/decline");
    let answer = api
        .call("POST", path)
        .json(&json!({"reason": "no cash"}))
        .send()
        .await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["state"]),
        (200, &json!("payment_declined"))
    );
    match last_event(&api, id).await {
        Event::Payment(PaymentEvent::PaymentDeclined(event)) => {
            assert_eq!(event.reason.as_str(), "no cash");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refund_withdraws_the_order() {
    let api = Api::new();
    let id = api.prepared().await;
    let answer = post(&api, format!("/payments/{id}/refund")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["state"], "refund_requested");
    assert_eq!(
        answer.etag(),
        "\"7\"",
        "cancellation, delivery and refund in one decision"
    );
}

#[tokio::test]
async fn a_delivery_starts_fails_starts_again_and_completes() {
    let api = Api::new();
    let id = api.prepared().await;
    for (step, state) in [
        ("start", "delivery_started"),
        ("fail", "delivery_failed"),
        ("start", "delivery_started"),
        ("complete", "delivered"),
    ] {
        let answer = post(&api, format!("/deliveries/{id}/{step}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["state"]),
            (200, &json!(state))
        );
    }
}

#[tokio::test]
async fn a_delivery_fails_for_a_reason() {
    let api = Api::new();
    let id = api.prepared().await;
    post(&api, format!("/deliveries/{id}/start")).await;
    let call = api.call("POST", format!("/deliveries/{id}/fail"));
    assert_eq!(
        call.json(&json!({"reason": "nobody home"}))
            .send()
            .await
            .status,
        200
    );
    match last_event(&api, id).await {
        Event::Delivery(DeliveryEvent::DeliveryFailed(event)) => {
            assert_eq!(event.reason.as_str(), "nobody home");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_the_order_does_not_allow_is_a_conflict_that_says_why() {
    let api = Api::new();
    let (placed, requested) = (api.coffee().await, api.requested().await);
    for (path, code) in [
        (format!("/payments/{placed}/approve"), "PaymentNotRequested"),
        (
            format!("/payments/{requested}/refund"),
            "PaymentNotApproved",
        ),
        (
            format!("/deliveries/{requested}/start"),
            "DeliveryNotPrepared",
        ),
        (
            format!("/deliveries/{requested}/complete"),
            "DeliveryNotPrepared",
        ),
    ] {
        let answer = post(&api, path).await;
        answer.assert_problem(409, "illegal-transition");
        assert_eq!(answer.body["code"], code);
    }
}

#[tokio::test]
async fn nobody_approves_a_card_from_outside() {
    let api = Api::new();
    let body = json!({
        "productId": 1, "qty": 1, "paymentType": "card", "paymentMethod": "pm_card_visa", "cost": 1000,
        "productName": "Coffee"
    });
    let id = api.call("POST", "/orders").json(&body).send().await.id();
    api.saga(id, [commands::request_payment()]).await;
    let early = post(&api, format!("/payments/{id}/approve")).await;
    assert_eq!(early.body["code"], "PaymentNotSubmitted");
    api.saga(id, [commands::submit_payment_as(fixtures::provider_ref())])
        .await;
    let late = post(&api, format!("/payments/{id}/approve")).await;
    late.assert_problem(409, "illegal-transition");
    assert_eq!(late.body["code"], "PaymentHeldByProvider");
}

#[tokio::test]
async fn a_completed_order_is_not_cancelled() {
    let api = Api::new();
    let id = api.prepared().await;
    let rest = [
        commands::start_delivery(),
        commands::complete_delivery(),
        commands::complete_order(),
    ];
    api.saga(id, rest).await;
    let answer = api.call("DELETE", format!("/orders/{id}")).send().await;
    answer.assert_problem(409, "illegal-transition");
    assert_eq!(answer.body["code"], "OrderAlreadyCompleted");
}

#[tokio::test]
async fn a_missing_order_is_not_found_the_same_way_everywhere() {
    let api = Api::new();
    let route = api.call("GET", "/nothing").send().await;
    let id = fixtures::order_id();
    for (method, path) in [
        ("DELETE", format!("/orders/{id}")),
        ("POST", format!("/payments/{id}/approve")),
        ("POST", format!("/payments/{id}/decline")),
        ("POST", format!("/payments/{id}/refund")),
        ("POST", format!("/deliveries/{id}/start")),
        ("POST", format!("/deliveries/{id}/complete")),
        ("POST", format!("/deliveries/{id}/fail")),
    ] {
        let answer = api.call(method, path).send().await;
        answer.assert_problem(404, "not-found");
        assert_eq!(
            answer, route,
            "nothing tells a missing order from a missing route"
        );
    }
}
