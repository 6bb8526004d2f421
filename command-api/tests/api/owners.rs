//! What a customer reaches: their own orders. Another's is answered byte for byte like one that there is not.

use ordertrace_domain::{OrderId, testing::fixtures};
use rstest::rstest;

use crate::support::{Answer, Api, COFFEE, customer};

const MISSING: &str = "not-found";

async fn cancel(api: &Api, id: OrderId, header: Option<(&str, &str)>) -> Answer {
    let call = api.call("DELETE", format!("/orders/{id}"));
    let call = header
        .into_iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    call.send().await
}

#[rstest]
#[case::bare(None)]
#[case::at_the_version_it_has(Some(("If-Match", "\"1\"")))]
#[case::at_the_version_of_a_missing_one(Some(("If-Match", "\"0\"")))]
#[case::at_another_version(Some(("If-Match", "\"7\"")))]
#[case::at_any_version(Some(("If-Match", "*")))]
#[case::with_the_key_of_a_cancellation(Some(("Idempotency-Key", "k-1")))]
#[tokio::test]
async fn anothers_order_is_answered_like_a_missing_one(#[case] header: Option<(&str, &str)>) {
    let api = Api::new();
    let (alice, bob) = (
        api.authenticated(customer("alice")),
        api.authenticated(customer("bob")),
    );
    let open = alice.coffee().await;
    let cancelled = alice.coffee().await;
    let key = Some(("Idempotency-Key", "k-1"));
    assert_eq!(cancel(&alice, cancelled, key).await.status, 202);
    let rejected = alice.requested().await;
    let over = [
        fixtures::commands::decline_payment(None),
        fixtures::commands::reject_order(),
    ];
    alice.saga(rejected, over).await;
    let missing = cancel(&bob, fixtures::order_id(), header).await;
    missing.assert_problem(404, MISSING);
    for id in [open, cancelled, rejected] {
        let before = api.history(id).await.version();
        assert_eq!(cancel(&bob, id, header).await, missing);
        assert_eq!(api.history(id).await.version(), before);
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_nobodys_to_a_customer_and_damaged_to_an_operator() {
    let api = Api::new();
    let alice = api.authenticated(customer("alice"));
    let id = alice.coffee().await;
    api.log.write_foreign(id, b"no envelope");
    let missing = cancel(&alice, fixtures::order_id(), None).await;
    assert_eq!(cancel(&alice, id, None).await, missing);
    let answer = cancel(&api, id, None).await;
    answer.assert_problem(500, "order-unreadable");
}

#[tokio::test]
async fn a_customer_takes_their_own_order_back_and_repeats_that() {
    let api = Api::new();
    let alice = api.authenticated(customer("alice"));
    let placed = alice.httpie("POST", "/orders", &COFFEE).key("k-1");
    let placed = placed.send().await;
    let again = alice.httpie("POST", "/orders", &COFFEE).key("k-1");
    assert_eq!(again.send().await, placed);
    let key = Some(("Idempotency-Key", "k-2"));
    let first = cancel(&alice, placed.id(), key).await;
    assert_eq!(first.status, 202);
    assert_eq!(cancel(&alice, placed.id(), key).await, first);
    let late = cancel(&alice, placed.id(), Some(("If-Match", "\"1\""))).await;
    late.assert_problem(412, "precondition-failed");
}

#[tokio::test]
async fn who_may_do_everything_takes_back_anybodys() {
    let api = Api::new();
    let id = api.authenticated(customer("alice")).coffee().await;
    assert_eq!(cancel(&api, id, None).await.status, 202);
}

#[tokio::test]
async fn a_customer_says_nothing_of_payments_and_deliveries_of_their_own() {
    let api = Api::new();
    let alice = api.authenticated(customer("alice"));
    let id = alice.requested().await;
    let approval = alice.call("POST", format!("/payments/{id}/approve"));
    approval.send().await.assert_problem(403, "forbidden");
    let delivery = alice.call("POST", format!("/deliveries/{id}/complete"));
    delivery.send().await.assert_problem(403, "forbidden");
}
