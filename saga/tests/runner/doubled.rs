//! Two sagas at once: each gets all the work, as in the moment when one takes over from another that still lives.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use ordertrace_domain::{
    FeedError, LogError, OrderId, Receipt, Shard, Work, WorkQueue,
    testing::{
        MemoryLog,
        fixtures::{
            card, cash,
            commands::{approve_payment, complete_delivery, request_cancellation},
        },
    },
};
use tokio::sync::mpsc;

use crate::{
    counter::SILENCE,
    fuse::Fuse,
    shop::{Running, Shop},
};

/// One end of a queue that hands out everything twice.
struct Copies {
    shards: Mutex<Vec<Option<mpsc::UnboundedReceiver<Work>>>>,
}

/// The work of one log, for two sagas. It is never acknowledged, as in this test nobody starts anew.
fn two_copies(log: &MemoryLog) -> [Arc<Copies>; 2] {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for shard in Shard::all() {
        let (to_first, from_first) = mpsc::unbounded_channel();
        let (to_second, from_second) = mpsc::unbounded_channel();
        first.push(Some(from_first));
        second.push(Some(from_second));
        let mut work = log.work(shard);
        tokio::spawn(async move {
            while let Some(Ok(Work { item, .. })) = work.next().await {
                let copy = || Work {
                    item: item.clone(),
                    receipt: Box::new(NoReceipt),
                };
                let is_heard = to_first.send(copy()).is_ok() | to_second.send(copy()).is_ok();
                if !is_heard {
                    return;
                }
            }
        });
    }
    [first, second].map(|shards| {
        Arc::new(Copies {
            shards: Mutex::new(shards),
        })
    })
}

impl WorkQueue for Copies {
    fn work(&self, shard: Shard) -> BoxStream<'static, Result<Work, FeedError>> {
        let mut shards = self.shards.lock().expect("nobody panicked");
        let queue = shards[usize::from(shard.number())]
            .take()
            .expect("one stream a shard");
        stream::unfold(queue, |mut queue| async {
            queue.recv().await.map(|work| (Ok(work), queue))
        })
        .boxed()
    }
}

struct NoReceipt;

#[async_trait]
impl Receipt for NoReceipt {
    async fn acknowledge(self: Box<Self>) -> Result<(), LogError> {
        Ok(())
    }
}

fn open_twice() -> (Shop, [Running; 2]) {
    let shop = Shop::new();
    let sagas = two_copies(&shop.log).map(|copy| shop.saga_on(copy, Fuse::endless()));
    (shop, sagas)
}

#[tokio::test(start_paused = true)]
async fn two_sagas_do_every_step_once() {
    let (shop, _sagas) = open_twice();
    let by_card = shop.place(card(), 1_000).await;
    let in_cash = shop.place(cash(), 1_000).await;
    shop.settled().await;
    shop.give(in_cash, approve_payment(None)).await;
    shop.settled().await;
    for order in [by_card, in_cash] {
        shop.give(order, complete_delivery()).await;
    }
    let paid = [
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
        "DeliveryCompleted",
        "OrderCompleted",
    ];
    assert_eq!(shop.story(by_card).await[3..], paid);
    assert_eq!(shop.story(in_cash).await[2..], paid);
    assert_eq!(shop.money(by_card), (1_000, 0));
    let calls = shop.provider.calls();
    assert!(
        calls > 2,
        "{calls} calls: the sagas did not work side by side"
    );
}

#[tokio::test(start_paused = true)]
async fn two_sagas_charge_and_refund_once_though_answers_get_lost() {
    let (shop, _sagas) = open_twice();
    let mut orders: Vec<OrderId> = Vec::new();
    for minor in [1_000, 50_300, 50_400] {
        orders.push(shop.place(card(), minor).await);
    }
    shop.settled().await;
    for _ in 0..4 {
        shop.later(Duration::from_secs(5)).await;
    }
    for order in &orders {
        shop.give(*order, request_cancellation()).await;
    }
    shop.settled().await;
    for _ in 0..4 {
        shop.later(Duration::from_secs(5)).await;
    }
    for order in orders {
        let story = shop.story(order).await;
        assert_eq!(story.last(), Some(&"OrderCancelled"), "{story:?}");
        let count = |name| story.iter().filter(|event| **event == name).count();
        assert_eq!(
            (count("PaymentApproved"), count("PaymentRefunded")),
            (1, 1),
            "{story:?}"
        );
        let (captured, refunded) = shop.money(order);
        assert!(
            captured > 0 && captured == refunded,
            "{captured} - {refunded}"
        );
    }
}

/// Both ask, neither gets an answer, and the order counts one unclear outcome, not two.
#[tokio::test(start_paused = true)]
async fn two_sagas_count_an_unclear_outcome_once() {
    let (shop, _sagas) = open_twice();
    let order = shop.place(card(), 1_000).await;
    while shop.story_so_far(order).await.last() != Some(&"PaymentSubmitted") {
        tokio::task::yield_now().await;
    }
    shop.provider.answers_after(SILENCE);
    for checks in 1..=3 {
        let story = shop.story(order).await;
        assert_eq!(story[3..], vec!["PaymentOutcomeUnknown"; checks]);
        shop.later(Duration::from_secs(2 << (checks - 1))).await;
    }
    let calls = shop.provider.calls();
    assert!(
        calls > 6,
        "{calls} calls: the sagas did not work side by side"
    );
}
