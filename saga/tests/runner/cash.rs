//! Orders that are paid in cash.

use ordertrace_domain::{
    CancellationCause, Phase, RejectionCause,
    testing::fixtures::{
        cash,
        commands::{
            approve_payment, complete_delivery, decline_payment, request_cancellation,
            request_refund,
        },
    },
};

use crate::shop::Shop;

#[tokio::test(start_paused = true)]
async fn a_cash_order_waits_for_somebodys_word() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    assert_eq!(shop.story(order).await, ["OrderPlaced", "PaymentRequested"]);
}

#[tokio::test(start_paused = true)]
async fn an_approved_order_goes_out_and_is_completed_on_arrival() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    let goes_out = [
        "OrderPlaced",
        "PaymentRequested",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
    ];
    assert_eq!(shop.story(order).await, goes_out);
    shop.give(order, complete_delivery()).await;
    let story = shop.story(order).await;
    assert_eq!(story[5..], ["DeliveryCompleted", "OrderCompleted"]);
    assert_eq!(shop.waits(order), [], "no timer is left");
}

#[tokio::test(start_paused = true)]
async fn a_declined_order_is_rejected() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, decline_payment(None)).await;
    let story = shop.story(order).await;
    assert_eq!(story[2..], ["PaymentDeclined", "OrderRejected"]);
    assert_eq!(
        shop.phase(order).await,
        Phase::Rejected(RejectionCause::PaymentDeclined)
    );
    assert_eq!(shop.waits(order), [], "no timer is left");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_before_the_approval_voids_the_payment() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
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
    assert_eq!(shop.waits(order), [], "no timer is left");
}

/// The saga looks at the order only after the cancellation.
#[tokio::test(start_paused = true)]
async fn a_cancellation_before_anything_else_ends_the_order_at_once() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.give(order, request_cancellation()).await;
    let story = [
        "OrderPlaced",
        "OrderCancellationRequested",
        "OrderCancelled",
    ];
    assert_eq!(shop.story(order).await, story);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_after_the_approval_calls_the_goods_back_and_then_the_money() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    shop.settled().await;
    shop.give(order, request_cancellation()).await;
    let story = shop.story(order).await;
    let undone = [
        "OrderCancellationRequested",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ];
    assert_eq!(story[5..], undone);
    assert_eq!(
        shop.phase(order).await,
        Phase::Cancelled(CancellationCause::Requested)
    );
    assert_eq!(shop.waits(order), [], "no timer is left");
    assert_eq!(
        shop.provider.calls(),
        0,
        "cash is none of the provider's business"
    );
}

#[tokio::test(start_paused = true)]
async fn an_operators_refund_withdraws_the_order() {
    let (shop, _saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(order, approve_payment(None)).await;
    shop.settled().await;
    shop.give(order, request_refund()).await;
    let story = shop.story(order).await;
    let undone = [
        "OrderCancellationRequested",
        "DeliveryCancelled",
        "RefundRequested",
        "PaymentRefunded",
        "OrderCancelled",
    ];
    assert_eq!(story[5..], undone);
    assert_eq!(
        shop.phase(order).await,
        Phase::Cancelled(CancellationCause::Refunded)
    );
    assert_eq!(shop.waits(order), [], "no timer is left");
}
