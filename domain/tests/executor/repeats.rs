//! The same command again: the same answer, and nothing new in the log.

use std::sync::Arc;

use futures::future::join_all;
use ordertrace_domain::{
    Refusal, Version,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, cancel_order, confirm_refund, decline_payment, place_order,
            request_cancellation, request_payment, request_refund,
        },
        histories,
    },
};

use super::Shop;

/// How many give a command at the same time.
const CALLERS: usize = 16;

#[tokio::test]
async fn a_repeat_gets_the_answer_of_the_first_time() {
    let shop = Shop::with(histories::requested(cash())).await;
    let approval = shop.request(approve_payment(None));
    let first = shop.execute(&approval).await.unwrap();
    let again = shop.execute(&approval).await.unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.position, first.position);
    assert_eq!(again.history.events(), first.history.events());
    assert_eq!(shop.version().await, first.version());
}

#[tokio::test]
async fn a_repeat_gets_the_answer_of_then_when_more_has_happened_since() {
    let shop = Shop::with(histories::started(card())).await;
    let refund = shop.request(request_refund());
    let first = shop.execute(&refund).await.unwrap();
    shop.done(confirm_refund()).await;
    shop.done(cancel_order()).await;
    let again = shop.execute(&refund).await.unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.position, first.position);
    assert_eq!(again.version(), first.version());
    assert_eq!(again.state(), first.state());
}

#[tokio::test]
async fn an_order_placed_again_by_the_same_command_is_the_same_order() {
    let shop = Shop::new();
    let placing = shop.request(place_order(cash()));
    let first = shop.execute(&placing).await.unwrap();
    shop.done(request_payment()).await;
    let again = shop.execute(&placing).await.unwrap();
    assert!(again.is_repeat);
    assert_eq!(again.version(), Version::new(1));
    assert_eq!(again.position, first.position);
}

#[tokio::test]
async fn a_repeat_comes_before_the_version_that_was_expected() {
    let shop = Shop::with(histories::requested(cash())).await;
    let mut approval = shop.request(approve_payment(None));
    approval.expected_version = Some(Version::new(2));
    shop.execute(&approval).await.unwrap();
    let again = shop.execute(&approval).await.unwrap();
    assert!(again.is_repeat);
}

#[tokio::test]
async fn the_id_of_one_command_does_not_serve_another() {
    let shop = Shop::with(histories::requested(cash())).await;
    let approval = shop.request(approve_payment(None));
    shop.execute(&approval).await.unwrap();
    let mut other = approval.clone();
    other.command = decline_payment(None);
    let refusal = shop.execute(&other).await.unwrap_err();
    assert_eq!(refusal, Refusal::CommandReused);
    assert_eq!(shop.version().await, Version::new(3));
}

#[tokio::test]
async fn the_id_of_one_order_does_not_serve_a_different_one() {
    let shop = Shop::new();
    let placing = shop.request(place_order(cash()));
    shop.execute(&placing).await.unwrap();
    let mut other = placing.clone();
    other.command = place_order(card());
    let refusal = shop.execute(&other).await.unwrap_err();
    assert_eq!(refusal, Refusal::CommandReused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_given_many_times_at_once_is_carried_out_once() {
    let shop = Arc::new(Shop::new());
    let placing = shop.request(place_order(cash()));
    let answers = join_all((0..CALLERS).map(|_| {
        let (shop, placing) = (Arc::clone(&shop), placing.clone());
        tokio::spawn(async move { shop.execute(&placing).await })
    }));
    let mut firsts = 0;
    for answer in answers.await {
        let outcome = answer.unwrap().unwrap();
        firsts += usize::from(!outcome.is_repeat);
        assert_eq!(outcome.version(), Version::new(1));
    }
    assert_eq!(firsts, 1);
    assert_eq!(shop.version().await, Version::new(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_commands_with_one_wish_one_fulfils_it() {
    let shop = Arc::new(Shop::with(histories::placed(cash())).await);
    let answers = join_all((0..CALLERS).map(|_| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.done(request_cancellation()).await })
    }));
    for answer in answers.await {
        assert_eq!(answer.unwrap().version(), Version::new(2));
    }
    assert_eq!(shop.version().await, Version::new(2));
}
