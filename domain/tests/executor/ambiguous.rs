//! A log that does not say whether it stored the events.

use ordertrace_domain::{
    ExecuteError, LogError, Refusal, Version,
    testing::{
        AppendFault,
        fixtures::{
            card, cash,
            commands::{place_order, request_cancellation, request_payment, request_refund},
            histories,
        },
    },
};

use rstest::rstest;

use super::Shop;

#[tokio::test]
async fn events_whose_acknowledgement_was_lost_are_found_by_reading_back() {
    let shop = Shop::with(histories::placed(cash())).await;
    shop.log.fail_next_append(AppendFault::StoredButUnknown);
    let outcome = shop.done(request_payment()).await;
    assert!(outcome.is_repeat);
    assert_eq!(outcome.version(), Version::new(2));
    assert_eq!(
        outcome.position.sequence,
        shop.history().await.last_sequence()
    );
}

#[tokio::test]
async fn reading_back_finds_all_events_of_the_decision() {
    let shop = Shop::with(histories::started(card())).await;
    let before = shop.version().await.get();
    shop.log.fail_next_append(AppendFault::StoredButUnknown);
    let outcome = shop.done(request_refund()).await;
    assert_eq!(outcome.version(), Version::new(before + 3));
}

#[tokio::test]
async fn events_that_are_not_there_may_still_be_on_their_way() {
    let shop = Shop::with(histories::placed(cash())).await;
    let request = shop.request(request_payment());
    shop.log.fail_next_append(AppendFault::LostAndUnknown);
    let answer = shop.try_execute(&request).await;
    assert!(matches!(answer, Err(ExecuteError::OutcomeUnknown(_))));
    assert_eq!(shop.version().await, Version::new(1));
}

#[tokio::test]
async fn a_conflict_that_nobody_can_look_into_may_be_our_own_earlier_try() {
    let shop = Shop::with(histories::placed(cash())).await;
    let request = shop.request(place_order(cash()));
    shop.log.fail_next_append(AppendFault::Conflict);
    shop.log.unavailable(true);
    let answer = shop.try_execute(&request).await;
    assert!(matches!(answer, Err(ExecuteError::OutcomeUnknown(_))));
}

/// Whoever is told to ask again about such an order asks in vain for ever.
#[rstest]
#[case::conflict(AppendFault::Conflict)]
#[case::no_answer(AppendFault::LostAndUnknown)]
#[tokio::test]
async fn a_history_that_turns_out_to_be_broken_is_told(#[case] fault: AppendFault) {
    let shop = Shop::with(histories::placed(cash())).await;
    let request = shop.request(request_payment());
    shop.log.stale_reads(true);
    shop.log.write_foreign(request.order_id, b"garbage");
    shop.log.fail_next_append(fault);
    let answer = shop.try_execute(&request).await;
    let is_broken = matches!(answer, Err(ExecuteError::Log(LogError::Broken(_))));
    assert!(is_broken, "{answer:?}");
}

#[tokio::test]
async fn events_that_can_never_land_are_decided_anew() {
    let shop = Shop::with(histories::started(cash())).await;
    let seen = shop.version().await;
    shop.log.stale_reads(true);
    shop.log.fail_next_append(AppendFault::LostAndUnknown);
    let outcome = shop.done(request_cancellation()).await;
    assert!(!outcome.is_repeat);
    assert_eq!(outcome.version(), seen.next());
}

#[tokio::test]
async fn the_same_command_given_again_settles_what_was_unknown() {
    let request = Shop::new().request(place_order(cash()));
    for (fault, is_repeat) in [
        (AppendFault::LostAndUnknown, false),
        (AppendFault::StoredButUnknown, true),
    ] {
        let shop = Shop::new();
        shop.log.fail_next_append(fault);
        shop.log.unavailable(true);
        let answer = shop.try_execute(&request).await;
        assert!(matches!(answer, Err(ExecuteError::OutcomeUnknown(_))));
        shop.log.unavailable(false);
        let outcome = shop.execute(&request).await.unwrap();
        assert_eq!(outcome.is_repeat, is_repeat);
        assert_eq!(outcome.version(), Version::new(1));
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_no_answer_to_another_command_of_the_same_id() {
    let shop = Shop::new();
    let request = shop.request(place_order(cash()));
    shop.execute(&request).await.unwrap();
    let mut other = request.clone();
    other.command = place_order(card());
    shop.log.fail_next_append(AppendFault::StoredButUnknown);
    let refusal = shop.execute(&other).await.unwrap_err();
    assert_eq!(refusal, Refusal::CommandReused);
}
