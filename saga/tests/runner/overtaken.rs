//! The order moves on between the saga's look and its step: no wake is used up, and no step lands where it does not fit.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, OrderId, Phase, saga_command_id,
    testing::fixtures::{
        card, cash,
        commands::{approve_payment, submit_payment},
        provider_ref, request,
    },
};
use ordertrace_saga::Policy;

use crate::{
    counter::SILENCE,
    shop::{Running, Shop},
};

/// A leader lags for less time than the saga tries before it leaves work to the queue.
const LAG: Duration = Duration::from_secs(5);

/// A card order whose payment nobody has submitted, as the provider never answers.
async fn unsubmitted() -> (Shop, Running, OrderId) {
    let (shop, saga) = Shop::open();
    shop.provider.answers_after(SILENCE);
    let order = shop.place(card(), 1_000).await;
    let asked = ["OrderPlaced", "PaymentRequested"];
    assert_eq!(shop.story(order).await, asked);
    (shop, saga, order)
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_meets_a_submission_under_way_withdraws_the_order() {
    let (shop, _saga, order) = unsubmitted().await;
    shop.meddler
        .is_quicker_than("PaymentExpired", request(order, submit_payment()));
    shop.later(Policy::default().payment_deadline).await;
    assert!(shop.meddler.was_quicker());
    let story = shop.story(order).await;
    assert_eq!(
        story[2..4],
        ["PaymentSubmitted", "OrderCancellationRequested"]
    );
    let overdue = Phase::Cancelling(CancellationCause::PaymentOverdue);
    assert_eq!(shop.phase(order).await, overdue);
}

/// The withdrawal was decided on an unpaid order, and must not undo a paid one.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_meets_an_approval_leaves_the_order_be() {
    let (shop, _saga, order) = unsubmitted().await;
    shop.give(order, submit_payment()).await;
    let story = shop.story(order).await;
    assert_eq!(story[2..], ["PaymentSubmitted", "PaymentOutcomeUnknown"]);
    let approval = request(order, approve_payment(Some(provider_ref())));
    shop.meddler
        .is_quicker_than("OrderCancellationRequested", approval);
    shop.later(Policy::default().payment_deadline).await;
    assert!(shop.meddler.was_quicker());
    let story = shop.story(order).await;
    assert!(
        story.ends_with(&["PaymentApproved", "DeliveryPrepared", "DeliveryStarted"]),
        "{story:?}"
    );
    assert!(!story.contains(&"OrderCancellationRequested"), "{story:?}");
    assert_eq!(shop.phase(order).await, Phase::Open);
}

#[tokio::test(start_paused = true)]
async fn a_timers_step_that_is_refused_for_good_is_parked_for_an_operator() {
    let (shop, _saga, order) = unsubmitted().await;
    let mut other = request(order, submit_payment());
    other.command_id = saga_command_id(order, "WithdrawOverduePayment", 1);
    shop.carry_out(&other).await;
    shop.later(Policy::default().payment_deadline).await;
    shop.settled().await;
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert!(
        parked[0].reason.contains("WithdrawOverduePayment"),
        "{parked:?}"
    );
}

/// On an older state nothing seems due: the event would be acknowledged, and the order stranded.
#[tokio::test(start_paused = true)]
async fn an_event_that_not_even_the_leader_shows_yet_is_waited_for() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.meddler.leader_is_behind(true);
    shop.give(order, approve_payment(None)).await;
    shop.pass(LAG).await;
    assert_eq!(shop.story_so_far(order).await.len(), 3, "it waits");
    shop.meddler.leader_is_behind(false);
    assert_eq!(
        shop.story(order).await[3..],
        ["DeliveryPrepared", "DeliveryStarted"]
    );
}

/// A timer goes off once: on the older state it would lead to nothing, and never come again.
#[tokio::test(start_paused = true)]
async fn a_timer_waits_for_a_leader_that_lags() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(card(), 50_400).await;
    let story = shop.story(order).await;
    assert_eq!(story.last(), Some(&"PaymentOutcomeUnknown"));
    shop.meddler.leader_is_behind(true);
    shop.clock.advance(Duration::from_secs(2));
    shop.pass(Duration::from_secs(10)).await;
    shop.meddler.leader_is_behind(false);
    assert_eq!(shop.story(order).await.last(), Some(&"DeliveryStarted"));
}
