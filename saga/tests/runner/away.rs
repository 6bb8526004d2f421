//! A provider that can't be asked: orders wait by a timer, nothing is decided, and no event says anything.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{
    Phase, TimerName, Timestamp,
    testing::{
        ManualClock,
        fixtures::{
            card, cash,
            commands::{approve_payment, request_cancellation},
        },
    },
};
use rstest::rstest;

use crate::shop::Shop;

const STARTED: [&str; 6] = [
    "OrderPlaced",
    "PaymentRequested",
    "PaymentSubmitted",
    "PaymentApproved",
    "DeliveryPrepared",
    "DeliveryStarted",
];

/// An outage that every order waits through, with many timers.
const OUTAGE: Duration = Duration::from_mins(3);

/// A provider that is back is noticed within this time.
const NOTICED: Duration = Duration::from_secs(15);

/// The clock goes on in steps no longer than this, so that every timer of a wait fires.
const STEP: Duration = Duration::from_secs(1);

async fn wait_through(shop: &Shop, time: Duration) {
    let mut waited = Duration::ZERO;
    while waited < time {
        shop.later(STEP).await;
        waited += STEP;
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_order_waits_through_an_outage_without_an_event() {
    let (shop, _saga) = Shop::open();
    waits_through_an_outage(&shop, 30).await;
}

/// The log keeps the time: by a clock of its own a saga would ask over and over, or much too late.
#[rstest]
#[case::behind(-60, 30)]
// What it decided lies ahead, so that the wait does not grow.
#[case::ahead(3_600, 100)]
#[tokio::test(start_paused = true)]
async fn a_saga_whose_clock_is_off_waits_between_its_calls(
    #[case] off_secs: i64,
    #[case] calls_max: u32,
) {
    let shop = Shop::new();
    let off = ManualClock::at(Timestamp::from_micros(
        shop.now().micros() + off_secs * 1_000_000,
    ));
    let _saga = shop.saga_by(Arc::new(off));
    waits_through_an_outage(&shop, calls_max).await;
}

async fn waits_through_an_outage(shop: &Shop, calls_max: u32) {
    shop.provider.is_away(true);
    let order = shop.place(card(), 1_000).await;
    wait_through(shop, OUTAGE).await;
    assert_eq!(shop.story(order).await, STARTED[..2]);
    // Some at first, then one in fifteen seconds: a provider that is down is not run over.
    let calls = shop.provider.calls();
    assert!((10..calls_max).contains(&calls), "{calls} calls");
    shop.provider.is_away(false);
    wait_through(shop, NOTICED).await;
    assert_eq!(shop.story(order).await, STARTED);
    assert_eq!(shop.money(order), (1_000, 0));
}

#[tokio::test(start_paused = true)]
async fn cash_orders_go_on_meanwhile() {
    let (shop, _saga) = Shop::open();
    shop.provider.is_away(true);
    shop.place(card(), 1_000).await;
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    assert_eq!(shop.story(order).await.last(), Some(&"DeliveryStarted"));
}

/// The provider goes away after so many calls: before the intent, before its confirmation, before the refund.
#[rstest]
#[case::before_the_intent(0, &["OrderCancellationRequested", "PaymentVoided", "OrderCancelled"])]
#[case::before_the_confirmation(1, &["OrderCancellationRequested", "PaymentVoided", "OrderCancelled"])]
#[case::before_the_refund(
    2,
    &[
        "OrderCancellationRequested",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ],
)]
#[tokio::test(start_paused = true)]
async fn a_cancellation_ends_when_the_provider_is_back(#[case] calls: u32, #[case] rest: &[&str]) {
    let (shop, _saga) = Shop::open();
    shop.provider.leaves_after(calls);
    let order = shop.place(card(), 1_000).await;
    let before = shop.story(order).await.len();
    shop.give(order, request_cancellation()).await;
    wait_through(&shop, OUTAGE).await;
    shop.provider.is_away(false);
    wait_through(&shop, NOTICED).await;
    assert_eq!(shop.story(order).await[before..], *rest);
    assert!(matches!(shop.phase(order).await, Phase::Cancelled(_)));
    let (captured, refunded) = shop.money(order);
    assert_eq!(captured, refunded);
    assert!(
        !shop
            .waits(order)
            .iter()
            .any(|(timer, _)| *timer == TimerName::PaymentDeadline)
    );
}
