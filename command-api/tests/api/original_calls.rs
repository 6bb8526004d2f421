//! The original system's calls, as its README has them and httpie sends them.

use ordertrace_domain::testing::fixtures::commands;
use serde_json::json;

use crate::support::{Api, COFFEE};

#[tokio::test]
async fn a_coffee_is_ordered() {
    let api = Api::new();
    let answer = api.httpie("POST", "/orders", &COFFEE).send().await;
    assert_eq!(answer.status, 201);
    let id = answer.id();
    assert_eq!(answer.header("location"), format!("/orders/{id}"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.etag(), "\"1\"");
    assert!(answer.position().ends_with("-1"), "{}", answer.position());
    assert_eq!(
        answer.body,
        json!({
            "orderId": id.to_string(),
            "productId": 1,
            "productName": "Coffee",
            "qty": 1,
            "cost": 1000,
            "currency": "EUR",
            "paymentType": "cash",
            "customerId": "anonymous",
            "status": "Order END",
            "state": "placed",
            "version": 1,
            "lines": [{"productId": 1, "productName": "Coffee", "qty": 1, "cost": 1000}],
            "_links": {
                "self": {"href": format!("/orders/{id}")},
                "order": {"href": format!("/orders/{id}")},
                "payment": {"href": format!("/payments/{id}")},
                "delivery": {"href": format!("/deliveries/{id}")},
                "orderTrace": {"href": format!("/orderTraces/{id}")},
            },
        })
    );
}

/// The whole payment, as the original's README sends it back; only the status is read.
fn whole_payment(status: &'static str) -> [(&'static str, &'static str); 7] {
    [
        ("cost", "1000"),
        ("orderId", "1"),
        ("paymentStatus", status),
        ("paymentType", "cash"),
        ("productId", "1"),
        ("productName", "coffee"),
        ("qty", "1"),
    ]
}

#[tokio::test]
async fn a_payment_is_approved_by_sending_it_back_with_end() {
    for method in ["PUT", "PATCH"] {
        let api = Api::new();
        let id = api.requested().await;
        let path = format!("/payments/{id}");
        let answer = api.httpie(method, path, &whole_payment("END")).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["paymentId"], id.to_string());
        assert_eq!(answer.body["paymentStatus"], "END");
        assert_eq!(answer.body["state"], "payment_approved");
        assert_eq!(
            answer.body["productName"], "Coffee",
            "only the status is read"
        );
        assert_eq!(answer.etag(), "\"3\"");
    }
}

#[tokio::test]
async fn a_payment_is_declined_by_sending_it_back_with_cancel() {
    let api = Api::new();
    let id = api.requested().await;
    let path = format!("/payments/{id}");
    let answer = api
        .httpie("PUT", path, &whole_payment("CANCEL"))
        .send()
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["paymentStatus"], "CANCEL");
    assert_eq!(answer.body["state"], "payment_declined");
}

#[tokio::test]
async fn a_payment_that_was_read_can_be_sent_back_as_it_is() {
    let api = Api::new();
    let id = api.requested().await;
    let path = format!("/payments/{id}");
    let mut payment = api
        .call("POST", format!("{path}/approve"))
        .send()
        .await
        .body;
    payment["paymentStatus"] = json!("END");
    let answer = api.call("PUT", path).json(&payment).send().await;
    assert_eq!((answer.status.as_u16(), answer.etag()), (200, "\"3\""));
}

#[tokio::test]
async fn other_words_for_a_payment_are_refused_and_the_right_ones_named() {
    let api = Api::new();
    let id = api.requested().await;
    for status in ["REQUEST", "end", "", "DONE"] {
        let path = format!("/payments/{id}");
        let answer = api
            .httpie("PUT", path, &[("paymentStatus", status)])
            .send()
            .await;
        answer.assert_problem(422, "validation");
        assert_eq!(answer.pointers(), ["/paymentStatus"]);
        let detail = answer.body["detail"].as_str().expect("a detail");
        assert!(
            detail.contains("END") && detail.contains("CANCEL"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_delivery_is_moved_on_by_sending_it_back() {
    for method in ["PUT", "PATCH"] {
        let api = Api::new();
        let id = api.prepared().await;
        let path = format!("/deliveries/{id}");
        for (status, state) in [("START", "delivery_started"), ("END", "delivered")] {
            let fields = [("deliveryStatus", status), ("orderId", "1")];
            let answer = api.httpie(method, &path, &fields).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.body["deliveryId"], id.to_string());
            assert_eq!(answer.body["deliveryStatus"], status);
            assert_eq!(answer.body["state"], state);
        }
    }
}

#[tokio::test]
async fn a_delivery_is_not_called_back_without_its_order() {
    let api = Api::new();
    let id = api.prepared().await;
    for status in ["CANCEL", "READY", "START "] {
        let fields = [("deliveryStatus", status)];
        let answer = api
            .httpie("PUT", format!("/deliveries/{id}"), &fields)
            .send()
            .await;
        answer.assert_problem(422, "validation");
        let detail = answer.body["detail"].as_str().expect("a detail");
        assert!(
            detail.contains("START") && detail.contains("END"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn a_cancellation_is_accepted_however_often_it_is_asked_for() {
    let api = Api::new();
    let id = api.requested().await;
    let path = format!("/orders/{id}");
    let first = api.httpie("DELETE", &path, &[]).send().await;
    assert_eq!(first.status, 202);
    assert_eq!(first.body["state"], "cancelling");
    assert_eq!(first.body["orderId"], id.to_string());
    let again = api.httpie("DELETE", &path, &[]).send().await;
    assert_eq!(again, first, "asking again changes nothing");
    api.saga(id, [commands::void_payment(None), commands::cancel_order()])
        .await;
    let late = api.httpie("DELETE", &path, &[]).send().await;
    assert_eq!(
        (late.status.as_u16(), &late.body["status"]),
        (202, &json!("ORDER CANCEL"))
    );
}
