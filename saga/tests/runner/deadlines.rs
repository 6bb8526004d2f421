//! What happens when nobody does anything: time does.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Phase, RejectionCause, TimerName,
    testing::fixtures::{
        card, cash,
        commands::{approve_payment, complete_delivery, fail_delivery, start_delivery},
    },
};
use ordertrace_saga::Policy;
use rstest::rstest;

use crate::{counter::SILENCE, fuse::Fuse, shop::Shop};

/// The last moment before a time.
fn just_before(wait: Duration) -> Duration {
    wait - Duration::from_micros(1)
}

/// More steps than the saga takes from the approval to the goods' being ready.
const STEPS_MAX: usize = 50;

const MOMENT: Duration = Duration::from_micros(1);

#[tokio::test(start_paused = true)]
async fn an_order_that_nobody_pays_for_is_rejected_at_its_deadline() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    let deadline = Policy::default().payment_deadline;
    assert_eq!(shop.waits(order), [(TimerName::PaymentDeadline, deadline)]);
    shop.later(just_before(deadline)).await;
    assert_eq!(shop.story(order).await, ["OrderPlaced", "PaymentRequested"]);
    shop.later(MOMENT).await;
    assert_eq!(
        shop.story(order).await[2..],
        ["PaymentExpired", "OrderRejected"]
    );
    assert_eq!(
        shop.phase(order).await,
        Phase::Rejected(RejectionCause::PaymentExpired)
    );
}

#[rstest]
#[case::nothing_was_charged(50_300, Phase::Rejected(RejectionCause::PaymentExpired))]
#[case::it_was_charged(50_400, Phase::Cancelled(CancellationCause::PaymentOverdue))]
#[tokio::test(start_paused = true)]
async fn an_overdue_payment_in_the_providers_hands_ends_by_the_providers_word_only(
    #[case] minor: i64,
    #[case] end: Phase,
) {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), minor).await;
    shop.settled().await;
    if minor == 50_300 {
        shop.later(Duration::from_secs(5)).await;
    }
    assert_eq!(
        shop.story(order).await.last(),
        Some(&"PaymentOutcomeUnknown")
    );
    shop.provider.answers_after(SILENCE);
    shop.later(Policy::default().payment_deadline).await;
    shop.later(Duration::from_hours(1)).await;
    let overdue = Phase::Cancelling(CancellationCause::PaymentOverdue);
    assert_eq!(
        shop.phase(order).await,
        overdue,
        "it waits for the provider"
    );
    shop.provider.answers_after(Duration::ZERO);
    for _ in 0..2 {
        shop.later(Duration::from_hours(1)).await;
    }
    assert_eq!(shop.phase(order).await, end);
    let (captured, refunded) = shop.money(order);
    assert_eq!(captured, refunded);
}

#[tokio::test(start_paused = true)]
async fn goods_that_do_not_arrive_in_time_are_called_back_and_paid_back() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 1_000).await;
    shop.settled().await;
    let deadline = Policy::default().delivery_deadline;
    assert_eq!(shop.waits(order), [(TimerName::DeliveryDeadline, deadline)]);
    shop.later(just_before(deadline)).await;
    assert_eq!(shop.story(order).await.len(), 6);
    shop.later(MOMENT).await;
    let story = shop.story(order).await;
    let undone = [
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ];
    assert_eq!(story[6..], undone);
    assert_eq!(
        shop.phase(order).await,
        Phase::Cancelled(CancellationCause::Undeliverable)
    );
    assert_eq!(shop.money(order), (1_000, 1_000));
}

/// The deadline is set before the goods are there to be taken.
#[tokio::test(start_paused = true)]
async fn a_courier_who_is_quicker_than_the_saga_keeps_the_deadline() {
    let (shop, saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    saga.kill().await;
    shop.give(order, approve_payment(None)).await;
    // From the approval the saga gets as far as the goods' being ready, and no further.
    let mut steps = 0;
    while shop.story(order).await.last() != Some(&"DeliveryPrepared") {
        steps += 1;
        assert!(steps < STEPS_MAX, "the goods never get ready");
        let saga = shop.saga(Fuse::of(steps));
        shop.settled().await;
        saga.kill().await;
    }
    shop.give(order, start_delivery()).await;
    let _saga = shop.saga(Fuse::endless());
    shop.settled().await;
    let deadline = Policy::default().delivery_deadline;
    assert_eq!(shop.waits(order), [(TimerName::DeliveryDeadline, deadline)]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_delivery_is_tried_again_until_no_attempt_is_left() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    let retry = Policy::default().delivery_retry_delay;
    for _ in 1..Policy::default().delivery_attempts_max.get() {
        shop.settled().await;
        shop.give(order, fail_delivery()).await;
        shop.settled().await;
        shop.later(retry).await;
    }
    let story = shop.story(order).await;
    assert_eq!(
        story[4..],
        [
            "DeliveryStarted",
            "DeliveryFailed",
            "DeliveryStarted",
            "DeliveryFailed",
            "DeliveryStarted"
        ]
    );
    shop.give(order, fail_delivery()).await;
    let story = shop.story(order).await;
    let undone = [
        "DeliveryFailed",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ];
    assert_eq!(story[9..], undone);
    assert_eq!(shop.waits(order), [], "no timer is left");
}

#[tokio::test(start_paused = true)]
async fn a_courier_may_begin_the_next_attempt_before_its_timer_does() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    shop.settled().await;
    shop.give(order, fail_delivery()).await;
    shop.settled().await;
    shop.give(order, start_delivery()).await;
    shop.later(Policy::default().delivery_retry_delay).await;
    let story = shop.story(order).await;
    assert_eq!(
        story[5..],
        ["DeliveryFailed", "DeliveryStarted"],
        "the timer begins no third attempt"
    );
    shop.give(order, complete_delivery()).await;
    assert_eq!(
        shop.story(order).await[7..],
        ["DeliveryCompleted", "OrderCompleted"]
    );
    assert_eq!(shop.waits(order), [], "no timer is left");
}
