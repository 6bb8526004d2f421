//! Taking items from a feed.

use futures::stream::BoxStream;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{FeedError, FeedItem, OrderId, Sequence};
use ordertrace_nats::Connection;

use super::{next, place};

pub(crate) type Items = BoxStream<'static, Result<FeedItem, FeedError>>;

fn order_in(item: &FeedItem) -> OrderId {
    match item {
        FeedItem::Event(recorded) => recorded.event.envelope.order_id,
        FeedItem::Unreadable(unreadable) => panic!("{unreadable:?}"),
    }
}

/// Stores the first events of this many orders.
pub(crate) async fn place_many(connection: &Connection, count: usize) -> Vec<OrderId> {
    let orders: Vec<OrderId> = std::iter::repeat_with(order_id).take(count).collect();
    for order in &orders {
        place(connection.jetstream(), *order).await;
    }
    orders
}

/// The feed must now give exactly these orders, from this sequence on.
pub(crate) async fn assert_gives(items: &mut Items, first: u64, orders: &[OrderId]) {
    for (sequence, order) in (first..).zip(orders) {
        let item = next(items).await;
        assert_eq!(item.sequence(), Sequence::new(sequence));
        assert_eq!(order_in(&item), *order);
    }
}
