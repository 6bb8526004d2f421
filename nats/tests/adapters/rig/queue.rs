//! Taking work from a queue.

use futures::stream::BoxStream;
use ordertrace_domain::{FeedError, OrderId, Receipt, Work, WorkItem};

use super::next;

pub(crate) type Queue = BoxStream<'static, Result<Work, FeedError>>;

fn order_in(item: &WorkItem) -> OrderId {
    match item {
        WorkItem::Event(recorded) => recorded.event.envelope.order_id,
        other => panic!("{other:?} is no event"),
    }
}

pub(crate) async fn next_order(queue: &mut Queue) -> (OrderId, Box<dyn Receipt>) {
    let work = next(queue).await;
    (order_in(&work.item), work.receipt)
}

pub(crate) async fn next_done(queue: &mut Queue) -> OrderId {
    let (order, receipt) = next_order(queue).await;
    receipt.acknowledge().await.unwrap();
    order
}
