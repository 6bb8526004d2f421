//! Whatever is handed out again changes nothing.

use std::time::Duration;

use ordertrace_domain::{
    EventFeed, OrderId,
    testing::fixtures::{
        card, cash,
        commands::{approve_payment, complete_delivery, request_cancellation},
    },
};
use rstest::rstest;

use crate::{fuse::Fuse, shop::Shop};

/// Orders that have ended in every way, and some that wait for somebody.
async fn orders_at_rest(shop: &Shop) -> Vec<OrderId> {
    let waiting = shop.place(cash(), 1_000).await;
    let out = shop.place(card(), 1_000).await;
    let completed = shop.place(card(), 50_400).await;
    let declined = shop.place(card(), 40_200).await;
    let voided = shop.place(cash(), 1_000).await;
    let refunded = shop.place(cash(), 1_000).await;
    let refunded_by_card = shop.place(card(), 50_400).await;
    shop.settled().await;
    shop.later(Duration::from_secs(5)).await;
    shop.give(completed, complete_delivery()).await;
    shop.give(voided, request_cancellation()).await;
    shop.give(refunded, approve_payment(None)).await;
    shop.settled().await;
    shop.give(refunded, request_cancellation()).await;
    shop.give(refunded_by_card, request_cancellation()).await;
    shop.settled().await;
    shop.later(Duration::from_secs(5)).await;
    let orders = vec![
        waiting,
        out,
        completed,
        declined,
        voided,
        refunded,
        refunded_by_card,
    ];
    for order in &orders[2..] {
        assert!(shop.phase(*order).await.has_ended());
    }
    orders
}

#[rstest]
#[case::reads_are_current(false)]
#[case::reads_are_stale(true)]
#[tokio::test(start_paused = true)]
async fn what_is_handed_out_again_appends_nothing_and_calls_nobody(#[case] are_stale: bool) {
    let (shop, saga) = Shop::open();
    let orders = orders_at_rest(&shop).await;
    let head = shop.log.head().await.expect("a head");
    let calls = shop.provider.calls();
    let waits: Vec<_> = orders.iter().map(|order| shop.waits(*order)).collect();
    shop.log.stale_reads(are_stale);
    for _ in 0..2 {
        shop.log.redeliver_all();
        shop.settled().await;
    }
    assert_eq!(shop.log.head().await.expect("a head"), head);
    assert_eq!(shop.provider.calls(), calls);
    for (order, waits) in orders.iter().zip(waits) {
        assert_eq!(shop.waits(*order), waits);
    }
    saga.stop().await.expect("it stops");
}

/// A new saga works through the whole log, as one does that has lost its place.
#[tokio::test(start_paused = true)]
async fn a_replay_of_the_whole_log_by_a_new_saga_changes_nothing() {
    let (shop, saga) = Shop::open();
    orders_at_rest(&shop).await;
    let head = shop.log.head().await.expect("a head");
    let calls = shop.provider.calls();
    saga.stop().await.expect("it stops");
    shop.log.redeliver_all();
    let _saga = shop.saga(Fuse::endless());
    shop.settled().await;
    assert_eq!(shop.log.head().await.expect("a head"), head);
    assert_eq!(shop.provider.calls(), calls);
}

/// The saga dies when the decline is in the log and the work is not acknowledged; the next one reads from a replica
/// that has not seen the decline yet. To confirm the intent again could charge it after all.
#[tokio::test(start_paused = true)]
async fn a_stale_read_never_leads_to_a_second_confirmation() {
    const STEPS_MAX: usize = 200;
    for steps in 1..STEPS_MAX {
        let shop = Shop::new();
        let order = shop.place(card(), 40_200).await;
        let saga = shop.saga(Fuse::of(steps));
        let story = shop.story(order).await;
        saga.kill().await;
        if story.last() == Some(&"PaymentDeclined") {
            let calls = shop.provider.calls();
            shop.log.stale_reads(true);
            let _saga = shop.saga(Fuse::endless());
            assert_eq!(shop.story(order).await.last(), Some(&"OrderRejected"));
            assert_eq!(shop.provider.calls(), calls);
            return;
        }
    }
    panic!("no saga died right after the decline");
}

#[tokio::test(start_paused = true)]
async fn a_saga_goes_on_where_the_one_before_it_stopped() {
    let (shop, saga) = Shop::open();
    let order = shop.place(cash(), 1_000).await;
    shop.settled().await;
    saga.stop().await.expect("it stops");
    shop.give(order, approve_payment(None)).await;
    assert_eq!(shop.story(order).await.len(), 3, "nobody works on it");
    let _saga = shop.saga(Fuse::endless());
    assert_eq!(
        shop.story(order).await[3..],
        ["DeliveryPrepared", "DeliveryStarted"]
    );
}
