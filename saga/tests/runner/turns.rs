//! One order's work is done in turn; different orders do not wait for each other.

use std::time::Duration;

use ordertrace_domain::testing::fixtures::{card, cash, commands::request_cancellation};

use crate::shop::Shop;

/// How long the provider takes in these tests: less than the saga waits for it.
const SLOW: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn a_cancellation_waits_until_the_provider_has_answered() {
    let (shop, _saga) = Shop::open();
    shop.provider.answers_after(SLOW);
    let order = shop.place(card(), 1_000).await;
    shop.pass(SLOW + Duration::from_secs(1)).await;
    assert_eq!(shop.provider.calls(), 2, "the confirmation is under way");
    shop.give(order, request_cancellation()).await;
    shop.pass(Duration::from_secs(1)).await;
    assert_eq!(shop.provider.calls(), 2, "nothing is asked meanwhile");
    let story = shop.story(order).await;
    let undone = [
        "OrderCancellationRequested",
        "PaymentApproved",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ];
    assert_eq!(story[3..], undone);
    assert_eq!(shop.money(order), (1_000, 1_000));
}

#[tokio::test(start_paused = true)]
async fn a_slow_payment_holds_up_no_other_order_of_its_shard() {
    let (shop, _saga) = Shop::open();
    shop.provider.answers_after(SLOW);
    let slow = shop.place(card(), 1_000).await;
    shop.pass(Duration::from_secs(1)).await;
    let quick = shop.place_in_shard_of(slow, cash(), 1_000).await;
    shop.pass(Duration::from_secs(1)).await;
    let asked = ["OrderPlaced", "PaymentRequested"];
    assert_eq!(shop.story_so_far(quick).await, asked);
    assert_eq!(
        shop.story_so_far(slow).await,
        asked,
        "it waits for its intent"
    );
}
