//! One order's past.

use super::{Harness, appended, feed::read, new_order, some_event, within};
use crate::testing::fixtures;

/// Right after it was acknowledged, all of it is told, with the times of the log itself.
pub async fn an_orders_past_is_what_the_feed_tells_of_it(harness: &dyn Harness) {
    let log = harness.log();
    let start = within(harness.feed().head()).await.expect("a head");
    let placed = new_order(&*log).await;
    new_order(&*log).await;
    let order = appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    let past = within(harness.archive().events_of(order.order_id())).await;
    let past = past.expect("the past");
    let fed = read(&*harness.feed(), start, order.last_sequence()).await;
    let of_order = |order_id| {
        fed.iter()
            .filter(move |fed| fed.event.envelope.order_id == order_id)
    };
    let fed: Vec<_> = of_order(order.order_id()).collect();
    assert_eq!(past.len(), order.events().len());
    for (past, fed) in past.iter().zip(fed) {
        assert_eq!(past.event, fed.event);
        assert_eq!(past.recorded_at, fed.recorded_at);
    }
}

/// It is no error to ask.
pub async fn an_order_nobody_placed_has_no_past(harness: &dyn Harness) {
    let past = within(harness.archive().events_of(fixtures::order_id())).await;
    assert!(past.expect("an answer").is_empty());
}
