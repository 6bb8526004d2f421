//! The same request with the same key is the same command.

use std::sync::Arc;

use ordertrace_domain::{EventFeed, Sequence, testing::fixtures::commands};
use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};

use crate::support::{Answer, Api, COFFEE};

async fn order(api: &Api, key: &str) -> Answer {
    api.httpie("POST", "/orders", &COFFEE).key(key).send().await
}

#[tokio::test]
async fn a_repeated_order_is_answered_as_the_first_one_was() {
    let api = Api::new();
    let first = order(&api, "k-1").await;
    assert_eq!(first.status, 201);
    api.saga(
        first.id(),
        [commands::request_payment(), commands::approve_payment(None)],
    )
    .await;
    let again = order(&api, "k-1").await;
    assert_eq!(
        again, first,
        "status, headers and body, though the order moved on"
    );
}

#[tokio::test]
async fn the_same_order_in_other_words_is_a_repeat() {
    let api = Api::new();
    let first = order(&api, "k-1").await;
    let body = json!({
        "cost": 1000, "currency": "EUR", "paymentType": "cash", "productId": 1, "productName": "Coffee", "qty": 1
    });
    let again = api
        .call("POST", "/orders")
        .key("k-1")
        .json(&body)
        .send()
        .await;
    assert_eq!(again, first);
}

#[tokio::test]
async fn another_order_under_the_same_key_is_refused() {
    let api = Api::new();
    let first = order(&api, "k-1").await;
    let mut other = COFFEE;
    other[3] = ("cost", "1001");
    let answer = api
        .httpie("POST", "/orders", &other)
        .key("k-1")
        .send()
        .await;
    answer.assert_problem(422, "key-reuse");
    assert_eq!(api.history(first.id()).await.version().get(), 1);
}

#[tokio::test]
async fn other_keys_and_no_keys_make_orders_of_their_own() {
    let api = Api::new();
    let mut ids = vec![order(&api, "a").await.id(), order(&api, "b").await.id()];
    ids.extend([api.coffee().await, api.coffee().await]);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

/// So many clients repeat one request at the same moment.
const CLIENTS: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_repeats_make_one_order() {
    let api = Arc::new(Api::new());
    let start = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (api, start) = (api.clone(), start.clone());
        clients.spawn(async move {
            start.wait().await;
            order(&api, "k-1").await
        });
    }
    let answers = clients.join_all().await;
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(answers[0].status, 201);
    assert_eq!(api.log.head().await.expect("a head"), Sequence::new(1));
}

#[tokio::test]
async fn a_repeated_command_is_answered_as_the_first_one_was() {
    let api = Api::new();
    let id = api.prepared().await;
    let fail = async || {
        let call = api.call("POST", format!("/deliveries/{id}/fail"));
        call.key("k-1").send().await
    };
    api.saga(id, [commands::start_delivery()]).await;
    let first = fail().await;
    assert_eq!(
        (first.status.as_u16(), &first.body["state"]),
        (200, &json!("delivery_failed"))
    );
    api.saga(id, [commands::start_delivery()]).await;
    assert_eq!(fail().await, first, "the second attempt is still out");
    let history = api.history(id).await;
    assert_eq!(history.version().get(), 7, "nothing failed twice");
}

#[tokio::test]
async fn a_reason_is_part_of_a_command() {
    let api = Api::new();
    let id = api.requested().await;
    let decline = async |reason: &str| {
        let call = api.call("POST", format!("/payments/{id}/decline"));
        call.key("k-1")
            .json(&json!({"reason": reason}))
            .send()
            .await
    };
    assert_eq!(decline("no cash").await.status, 200);
    decline("changed my mind")
        .await
        .assert_problem(422, "key-reuse");
}

#[tokio::test]
async fn one_key_serves_several_requests() {
    let api = Api::new();
    let id = api.requested().await;
    let other = api.requested().await;
    for (id, step, version) in [
        (id, "approve", "\"3\""),
        (other, "approve", "\"3\""),
        (id, "refund", "\"5\""),
    ] {
        let call = api.call("POST", format!("/payments/{id}/{step}"));
        let answer = call.key("k-1").send().await;
        assert_eq!((answer.status.as_u16(), answer.etag()), (200, version));
    }
}

#[tokio::test]
async fn a_refused_command_is_judged_anew() {
    let api = Api::new();
    let id = api.coffee().await;
    let approve = async || {
        let call = api.call("POST", format!("/payments/{id}/approve"));
        call.key("k-1").send().await
    };
    approve().await.assert_problem(409, "illegal-transition");
    api.saga(id, [commands::request_payment()]).await;
    assert_eq!(approve().await.status, 200);
}
