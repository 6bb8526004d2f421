//! Work that can't be done: it is parked, its order waits, all others go on, and an operator gets it going again.

use std::time::Duration;

use ordertrace_domain::{
    TimerName, Timers, Version,
    testing::fixtures::{card, cash, commands::approve_payment},
};

use crate::shop::Shop;

const STARTED: [&str; 6] = [
    "OrderPlaced",
    "PaymentRequested",
    "PaymentSubmitted",
    "PaymentApproved",
    "DeliveryPrepared",
    "DeliveryStarted",
];

#[tokio::test(start_paused = true)]
async fn an_order_on_which_the_program_breaks_is_parked_and_the_others_go_on() {
    let (shop, saga) = Shop::open();
    shop.provider.is_broken(true);
    let order = shop.place(card(), 1_000).await;
    shop.settled().await;
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(parked[0].order_id, Some(order));
    assert!(
        parked[0].reason.contains("the provider is broken"),
        "{parked:?}"
    );
    let other = shop.place_in_shard_of(order, cash(), 1_000).await;
    shop.settled().await;
    shop.give(other, approve_payment(None)).await;
    assert_eq!(shop.story(other).await.last(), Some(&"DeliveryStarted"));
    saga.stop().await.expect("it stops");
}

#[tokio::test(start_paused = true)]
async fn an_operator_resumes_an_order_by_its_timer() {
    let (shop, _saga) = Shop::open();
    shop.provider.is_broken(true);
    let order = shop.place(card(), 1_000).await;
    assert_eq!(shop.story(order).await, STARTED[..2]);
    shop.provider.is_broken(false);
    let now = shop.now();
    let scheduled = shop
        .log
        .schedule(order, TimerName::Resume, now, Version::NONE)
        .await;
    scheduled.expect("it is set");
    shop.later(Duration::from_millis(1)).await;
    assert_eq!(shop.story(order).await, STARTED);
    assert_eq!(shop.money(order), (1_000, 0));
}

#[tokio::test(start_paused = true)]
async fn a_timer_on_which_the_program_breaks_is_parked_by_the_orders_last_event() {
    let (shop, _saga) = Shop::open();
    shop.provider.is_away(true);
    let order = shop.place(card(), 1_000).await;
    shop.settled().await;
    shop.provider.is_away(false);
    shop.provider.is_broken(true);
    shop.later(Duration::from_secs(2)).await;
    let parked = shop.log.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(parked[0].sequence, shop.last_sequence(order).await);
}

/// However often somebody resumes it, an order ends at its deadline.
#[tokio::test(start_paused = true)]
async fn a_resume_postpones_no_deadline() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    for _ in 0..3 {
        shop.later(Duration::from_hours(7)).await;
        let resume = shop
            .log
            .schedule(order, TimerName::Resume, shop.now(), Version::NONE);
        resume.await.expect("it is set");
        shop.settled().await;
    }
    assert_eq!(shop.story(order).await.len(), 2);
    shop.later(Duration::from_hours(4)).await;
    assert_eq!(shop.story(order).await.last(), Some(&"OrderRejected"));
}
