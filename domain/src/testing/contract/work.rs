//! The queue of each shard's events and timers.

use futures::{FutureExt, StreamExt, stream::BoxStream};

use super::{Harness, appended, new_order, new_order_as, some_event, within};
use crate::{
    FeedError, FiredTimer, OrderId, RecordedEvent, Shard, Version, Work, WorkItem,
    testing::fixtures,
};

/// One worker on one shard.
pub(super) struct Worker {
    work: BoxStream<'static, Result<Work, FeedError>>,
}

impl Worker {
    pub(super) fn on(harness: &dyn Harness, order: OrderId) -> Self {
        let work = harness.queue().work(Shard::of(order));
        Self { work }
    }

    /// The next work on one of these orders. What others left before it is acknowledged on the way.
    pub(super) async fn next_of(&mut self, orders: &[OrderId]) -> Work {
        loop {
            let work = within(self.work.next())
                .await
                .expect("a queue that goes on");
            let work = work.expect("a queue without errors");
            if order_of(&work).is_some_and(|order| orders.contains(&order)) {
                return work;
            }
            acknowledge(work).await;
        }
    }

    /// The next event of this order.
    async fn next_event(&mut self, order: OrderId) -> (RecordedEvent, Work) {
        let work = self.next_of(&[order]).await;
        let WorkItem::Event(event) = &work.item else {
            unreachable!("the order has no timers");
        };
        (event.clone(), work)
    }

    /// The next timer of one of these orders, acknowledged.
    pub(super) async fn next_timer(&mut self, orders: &[OrderId]) -> FiredTimer {
        loop {
            let work = self.next_of(orders).await;
            let timer = match &work.item {
                WorkItem::Timer(fired) => Some(*fired),
                WorkItem::Event(_) | WorkItem::Unreadable(_) => None,
            };
            acknowledge(work).await;
            if let Some(timer) = timer {
                return timer;
            }
        }
    }
}

fn order_of(work: &Work) -> Option<OrderId> {
    match &work.item {
        WorkItem::Event(event) => Some(event.event.envelope.order_id),
        WorkItem::Timer(fired) => Some(fired.order_id),
        WorkItem::Unreadable(unreadable) => unreadable.order_id,
    }
}

async fn acknowledge(work: Work) {
    let acknowledged = within(work.receipt.acknowledge()).await;
    acknowledged.expect("an acknowledgement");
}

fn version(event: &RecordedEvent) -> Version {
    event.event.envelope.version
}

/// An id of another shard than this one's, so that a worker on one does not take the other's work.
pub(super) fn order_elsewhere(order: OrderId) -> OrderId {
    let mut ids = std::iter::repeat_with(fixtures::order_id);
    ids.find(|other| Shard::of(*other) != Shard::of(order))
        .expect("the ids go on until one is of another shard")
}

/// An id of the shard with this number.
fn order_on(shard: u8) -> OrderId {
    let mut ids = std::iter::repeat_with(fixtures::order_id);
    ids.find(|order| Shard::of(*order).number() == shard)
        .expect("the ids go on until one is of the shard")
}

/// Also when another shard's event lies before it.
pub async fn a_shard_hands_out_its_own_orders_only(harness: &dyn Harness) {
    let log = harness.log();
    let order = order_on(1);
    let elsewhere = order_elsewhere(order);
    new_order_as(&*log, elsewhere).await;
    let placed = new_order_as(&*log, order).await;
    let mut worker = Worker::on(harness, order);
    let work = worker.next_of(&[order, elsewhere]).await;
    assert_eq!(order_of(&work), Some(order));
    let WorkItem::Event(event) = &work.item else {
        unreachable!("the order has no timers");
    };
    assert_eq!(event.event, placed.events()[0]);
    acknowledge(work).await;
}

/// Those of one decision, too. On a shard that no behaviour before it has worked on: what a worker leaves behind comes
/// again later, and then out of its order.
pub async fn an_orders_events_are_handed_out_in_their_order(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order_as(&*log, order_on(0)).await;
    let order = appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    let mut worker = Worker::on(harness, order.order_id());
    for stored in order.events() {
        let (event, work) = worker.next_event(order.order_id()).await;
        assert_eq!(event.event, *stored);
        acknowledge(work).await;
    }
}

/// A worker died: the next one gets what it had.
pub async fn work_that_was_not_acknowledged_is_handed_out_again(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await.order_id();
    let mut worker = Worker::on(harness, order);
    let (first, work) = worker.next_event(order).await;
    drop(work);
    drop(worker);
    let mut worker = Worker::on(harness, order);
    let (again, work) = worker.next_event(order).await;
    assert_eq!(again.event, first.event);
    acknowledge(work).await;
}

/// A worker that comes later begins with what is still to be done.
pub async fn work_that_was_acknowledged_is_not_handed_out_again(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    let order = placed.order_id();
    let mut worker = Worker::on(harness, order);
    let (event, work) = worker.next_event(order).await;
    assert_eq!(version(&event), Version::new(1));
    acknowledge(work).await;
    drop(worker);
    appended(&*log, &placed, vec![some_event(1)]).await;
    let mut worker = Worker::on(harness, order);
    let (event, work) = worker.next_event(order).await;
    assert_eq!(version(&event), Version::new(2));
    acknowledge(work).await;
}

/// The second worker stands by until the first is gone.
pub async fn one_stream_at_a_time_works_on_a_shard(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    let order = placed.order_id();
    let mut active = Worker::on(harness, order);
    let (_, work) = active.next_event(order).await;
    acknowledge(work).await;
    let mut standby = Worker::on(harness, order);
    assert!(standby.work.next().now_or_never().is_none());
    appended(&*log, &placed, vec![some_event(1)]).await;
    let (event, work) = active.next_event(order).await;
    assert_eq!(version(&event), Version::new(2));
    drop(work);
    assert!(standby.work.next().now_or_never().is_none());
    drop(active);
    let (event, work) = standby.next_event(order).await;
    assert_eq!(version(&event), Version::new(2));
    acknowledge(work).await;
}
