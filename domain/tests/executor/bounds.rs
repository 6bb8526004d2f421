//! Where the executor gives up, and no sooner.

use ordertrace_domain::{
    Event, ExecuteError, Refusal, Rejection, Version,
    testing::{
        AppendFault,
        fixtures::{
            card, cash,
            commands::{approve_payment, place_order, request_cancellation, request_refund},
            events, histories,
        },
    },
};

use super::Shop;

/// How often the executor decides, as its documentation says.
const DECISIONS_MAX: usize = 16;

fn conflicts(shop: &Shop, count: usize) {
    for _ in 0..count {
        shop.log.fail_next_append(AppendFault::Conflict);
    }
}

#[tokio::test]
async fn a_command_gets_through_as_long_as_one_decision_is_left() {
    let shop = Shop::new();
    conflicts(&shop, DECISIONS_MAX - 1);
    let outcome = shop.done(place_order(cash())).await;
    assert_eq!(outcome.version(), Version::new(1));
}

#[tokio::test]
async fn a_command_that_others_always_beat_fails_and_changes_nothing() {
    let shop = Shop::new();
    let request = shop.request(place_order(cash()));
    conflicts(&shop, DECISIONS_MAX);
    let answer = shop.try_execute(&request).await;
    assert!(matches!(answer, Err(ExecuteError::Contended)));
    assert_eq!(shop.version().await, Version::NONE);
    assert!(
        shop.execute(&request).await.is_ok(),
        "it tried no more often"
    );
}

/// A card payment that was asked after, in vain, up to this version.
fn long_history(version: u64) -> Vec<Event> {
    let mut history = histories::submitted(card());
    let unknown = (1..).map(events::payment_outcome_unknown);
    let version = usize::try_from(version).expect("a small number");
    let missing = version - history.len();
    history.extend(unknown.take(missing));
    history
}

#[tokio::test]
async fn an_order_takes_as_many_events_as_it_may_have() {
    let shop = Shop::with(long_history(Version::MAX.get() - 1)).await;
    let outcome = shop.done(request_cancellation()).await;
    assert_eq!(outcome.version(), Version::MAX);
}

#[tokio::test]
async fn a_full_order_takes_no_more_events_but_still_answers() {
    let shop = Shop::with(long_history(Version::MAX.get() - 1)).await;
    let cancellation = shop.request(request_cancellation());
    shop.execute(&cancellation).await.unwrap();
    let word = Some(ordertrace_domain::testing::fixtures::provider_ref());
    let answer = shop.try_execute(&shop.request(approve_payment(word))).await;
    assert!(matches!(answer, Err(ExecuteError::OrderFull)));
    assert_eq!(shop.version().await, Version::MAX);
    assert!(shop.execute(&cancellation).await.unwrap().is_repeat);
    assert!(!shop.done(request_cancellation()).await.is_repeat);
    let refusal = shop.execute(&shop.request(approve_payment(None))).await;
    assert_eq!(
        refusal.unwrap_err(),
        Refusal::Rejected(Rejection::PaymentHeldByProvider)
    );
}

#[tokio::test]
async fn a_decision_that_would_not_fit_whole_is_not_stored_in_part() {
    let mut history = long_history(Version::MAX.get() - 5);
    history.push(events::payment_approved(Some(
        ordertrace_domain::testing::fixtures::provider_ref(),
    )));
    history.push(events::delivery_prepared(2));
    history.push(events::delivery_started(1));
    let shop = Shop::with(history).await;
    let before = shop.version().await;
    let answer = shop.try_execute(&shop.request(request_refund())).await;
    assert!(matches!(answer, Err(ExecuteError::OrderFull)));
    assert_eq!(shop.version().await, before);
}
