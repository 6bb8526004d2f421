//! Orders that are paid by card: the provider charges at most once, whatever gets lost.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Phase, RejectionCause, TimerName,
    testing::fixtures::{
        card,
        commands::{decline_payment, request_cancellation},
    },
};
use rstest::rstest;

use crate::{counter::SILENCE, shop::Shop};

const STARTED: [&str; 6] = [
    "OrderPlaced",
    "PaymentRequested",
    "PaymentSubmitted",
    "PaymentApproved",
    "DeliveryPrepared",
    "DeliveryStarted",
];

const UNDONE: [&str; 5] = [
    "OrderCancellationRequested",
    "DeliveryCancelled",
    "RefundRequested",
    "PaymentRefunded",
    "OrderCancelled",
];

#[tokio::test(start_paused = true)]
async fn a_card_order_goes_out_by_itself() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 1_000).await;
    assert_eq!(shop.story(order).await, STARTED);
    assert_eq!(shop.money(order), (1_000, 0));
    assert_eq!(shop.provider.calls(), 2, "one intent, one confirmation");
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_rejects_the_order() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 40_200).await;
    let story = shop.story(order).await;
    assert_eq!(story[3..], ["PaymentDeclined", "OrderRejected"]);
    assert_eq!(
        shop.phase(order).await,
        Phase::Rejected(RejectionCause::PaymentDeclined)
    );
    assert_eq!(shop.money(order), (0, 0));
    assert_eq!(shop.waits(order), [], "no timer is left");
}

#[tokio::test(start_paused = true)]
async fn lost_requests_are_made_again() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 50_300).await;
    assert_eq!(
        shop.story(order).await,
        STARTED[..2],
        "the intent's request is lost"
    );
    shop.later(Duration::from_secs(5)).await;
    let story = shop.story(order).await;
    assert_eq!(
        story[2..],
        ["PaymentSubmitted", "PaymentOutcomeUnknown"],
        "so is the confirmation's"
    );
    shop.later(Duration::from_secs(2)).await;
    let story = shop.story(order).await;
    assert_eq!(story[4..], STARTED[3..]);
    assert_eq!(shop.money(order), (50_300, 0));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_the_card_is_charged_once() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 50_400).await;
    let story = shop.story(order).await;
    assert_eq!(story[2..], ["PaymentSubmitted", "PaymentOutcomeUnknown"]);
    assert_eq!(shop.money(order), (50_400, 0), "though nobody knows it");
    shop.later(Duration::from_secs(2)).await;
    let story = shop.story(order).await;
    assert_eq!(story[4..], STARTED[3..]);
    assert_eq!(shop.money(order), (50_400, 0));
    assert_eq!(
        shop.provider.calls(),
        3,
        "an intent, a confirmation, a look"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_before_the_intent_voids_the_payment() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 50_300).await;
    shop.settled().await;
    shop.give(order, request_cancellation()).await;
    let story = shop.story(order).await;
    assert_eq!(
        story[2..],
        [
            "OrderCancellationRequested",
            "PaymentVoided",
            "OrderCancelled"
        ]
    );
    shop.later(Duration::from_secs(5)).await;
    assert_eq!(
        shop.story(order).await,
        story,
        "the timer for the intent comes too late"
    );
    assert_eq!(shop.money(order), (0, 0));
}

#[rstest]
#[case::nothing_was_charged(50_300, &["PaymentVoided", "OrderCancelled"])]
#[case::it_was_charged_after_all(
    50_400,
    &["PaymentApproved", "RefundRequested", "RefundFailed", "RefundRequested", "PaymentRefunded", "OrderCancelled"],
)]
#[tokio::test(start_paused = true)]
async fn a_cancellation_while_the_outcome_is_unknown_asks_the_provider_first(
    #[case] minor: i64,
    #[case] end: &[&str],
) {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), minor).await;
    shop.settled().await;
    if minor == 50_300 {
        shop.later(Duration::from_secs(5)).await;
    }
    shop.give(order, request_cancellation()).await;
    shop.settled().await;
    shop.later(Duration::from_secs(5)).await;
    let story = shop.story(order).await;
    assert_eq!(
        story[3..5],
        ["PaymentOutcomeUnknown", "OrderCancellationRequested"]
    );
    assert_eq!(story[5..], *end);
    let (captured, refunded) = shop.money(order);
    assert_eq!(captured, refunded);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_after_the_approval_refunds_the_card() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 1_000).await;
    shop.settled().await;
    shop.give(order, request_cancellation()).await;
    assert_eq!(shop.story(order).await[6..], UNDONE);
    assert_eq!(
        shop.phase(order).await,
        Phase::Cancelled(CancellationCause::Requested)
    );
    assert_eq!(shop.money(order), (1_000, 1_000));
    assert_eq!(shop.waits(order), [], "no timer is left");
}

#[tokio::test(start_paused = true)]
async fn a_refund_whose_answer_got_lost_is_made_once() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 50_400).await;
    shop.settled().await;
    shop.later(Duration::from_secs(2)).await;
    shop.give(order, request_cancellation()).await;
    let story = shop.story(order).await;
    assert_eq!(story[9..], ["RefundRequested", "RefundFailed"]);
    assert_eq!(
        shop.waits(order),
        [(TimerName::RefundRetry, Duration::from_secs(5))]
    );
    shop.later(Duration::from_secs(5)).await;
    let story = shop.story(order).await;
    assert_eq!(
        story[11..],
        ["RefundRequested", "PaymentRefunded", "OrderCancelled"]
    );
    assert_eq!(shop.money(order), (50_400, 50_400));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_makes_the_order_wait_by_a_timer() {
    let (shop, _saga) = Shop::open();
    shop.provider.answers_after(SILENCE);
    let order = shop.place(card(), 1_000).await;
    assert_eq!(shop.story(order).await, STARTED[..2]);
    // 18 s went by until the call was given up, and half of what was waited is waited again.
    let submit = (TimerName::PaymentSubmit, Duration::from_secs(18 + 9));
    assert!(
        shop.waits(order).contains(&submit),
        "{:?}",
        shop.waits(order)
    );
    shop.provider.answers_after(Duration::ZERO);
    shop.later(Duration::from_secs(18 + 9)).await;
    assert_eq!(shop.story(order).await, STARTED);
    assert_eq!(shop.money(order), (1_000, 0));
}

/// No provider should do so. If one does, the money is not forgotten.
#[tokio::test(start_paused = true)]
async fn money_that_comes_in_on_a_closed_payment_is_parked_for_an_operator() {
    let (shop, _saga) = Shop::open();
    shop.provider.answers_after(Duration::from_secs(5));
    let order = shop.place(card(), 1_000).await;
    while shop.story_so_far(order).await.len() < 3 {
        shop.pass(Duration::from_secs(1)).await;
    }
    let word = shop
        .state(order)
        .await
        .order()
        .and_then(|order| order.payment.provider_ref().cloned());
    shop.give(order, decline_payment(word)).await;
    assert_eq!(
        shop.story(order).await[3..],
        ["PaymentDeclined", "OrderRejected"]
    );
    assert_eq!(shop.money(order), (1_000, 0));
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(parked[0].order_id, Some(order));
    assert!(parked[0].reason.contains("took the money"), "{parked:?}");
}
