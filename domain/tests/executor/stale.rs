//! A log whose cached reads lag by one event. Nothing a user is told may rest on one.

use ordertrace_domain::{
    Refusal, Rejection, Version,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, mark_payment_unknown, request_cancellation, request_payment,
            start_delivery,
        },
        events::{
            self, delivery_failed, delivery_started, payment_approved, payment_outcome_unknown,
            payment_requested,
        },
        histories,
    },
};

use super::{Shop, tail};

/// What is read at first is the history without its last event.
async fn lagging(history: Vec<ordertrace_domain::Event>) -> Shop {
    let shop = Shop::with(history).await;
    shop.log.stale_reads(true);
    shop
}

#[tokio::test]
async fn a_decision_on_a_stale_read_is_made_anew_after_the_conflict() {
    let history = [
        histories::submitted(card()),
        vec![payment_outcome_unknown(1)],
    ]
    .concat();
    let shop = lagging(history).await;
    let outcome = shop.done(mark_payment_unknown()).await;
    assert_eq!(tail(&outcome.history, 1), [payment_outcome_unknown(2)]);
    assert_eq!(shop.version().await, outcome.version());
}

#[tokio::test]
async fn a_rejection_on_a_stale_read_is_not_the_answer() {
    let shop = lagging(histories::requested(cash())).await;
    let outcome = shop.done(approve_payment(None)).await;
    assert_eq!(tail(&outcome.history, 1), [payment_approved(None)]);
}

#[tokio::test]
async fn nothing_to_do_on_a_stale_read_is_not_the_answer() {
    let shop = lagging([histories::started(cash()), vec![delivery_failed(1)]].concat()).await;
    let outcome = shop.done(start_delivery()).await;
    assert_eq!(tail(&outcome.history, 1), [delivery_started(2)]);
}

#[tokio::test]
async fn no_such_order_on_a_stale_read_is_not_the_answer() {
    let shop = lagging(histories::placed(cash())).await;
    let outcome = shop.done(request_payment()).await;
    assert_eq!(tail(&outcome.history, 1), [payment_requested(cash())]);
}

#[tokio::test]
async fn another_version_on_a_stale_read_is_not_the_answer() {
    let shop = lagging(histories::requested(cash())).await;
    let mut request = shop.request(approve_payment(None));
    request.expected_version = Some(Version::new(2));
    let outcome = shop.execute(&request).await.unwrap();
    assert_eq!(outcome.version(), Version::new(3));
}

#[tokio::test]
async fn the_version_that_a_stale_read_shows_is_no_longer_the_orders() {
    let shop = lagging(histories::requested(cash())).await;
    let mut request = shop.request(request_cancellation());
    request.expected_version = Some(Version::new(1));
    let refusal = shop.execute(&request).await.unwrap_err();
    let actual = Version::new(2);
    assert_eq!(refusal, Refusal::VersionMismatch { actual });
    assert_eq!(shop.version().await, actual);
}

#[tokio::test]
async fn an_acceptance_on_a_stale_read_may_turn_out_a_rejection() {
    let history = [
        histories::requested(cash()),
        vec![events::cancellation_requested()],
    ]
    .concat();
    let shop = lagging(history).await;
    let refusal = shop.execute(&shop.request(approve_payment(None))).await;
    assert_eq!(
        refusal.unwrap_err(),
        Refusal::Rejected(Rejection::OrderBeingCancelled)
    );
}

#[tokio::test]
async fn a_repeat_is_recognised_though_a_stale_read_does_not_show_the_first() {
    let shop = Shop::with(histories::requested(cash())).await;
    let approval = shop.request(approve_payment(None));
    let first = shop.execute(&approval).await.unwrap();
    shop.log.stale_reads(true);
    let again = shop.execute(&approval).await.unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.position, first.position);
    assert_eq!(shop.version().await, first.version());
}
