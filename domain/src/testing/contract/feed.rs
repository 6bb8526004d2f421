//! The log from first to last.

use std::collections::BTreeSet;

use futures::{FutureExt, StreamExt, future::join_all};

use super::{Harness, appended, current, new_order, some_event, within};
use crate::{EventFeed, FeedItem, History, RecordedEvent, Sequence};

/// How many orders are written at the same time.
const ORDERS: usize = 24;

/// The next events of a feed, which has to be dense and to hold nothing but events.
pub(super) async fn read(
    feed: &dyn EventFeed,
    after: Sequence,
    until: Sequence,
) -> Vec<RecordedEvent> {
    let mut items = feed.follow(after);
    let mut events: Vec<RecordedEvent> = Vec::new();
    let mut last = after;
    while last < until {
        let item = within(items.next()).await.expect("a feed does not end");
        let FeedItem::Event(event) = item.expect("a feed that goes on") else {
            unreachable!("the suite writes nothing but events");
        };
        assert_eq!(event.event.sequence, last.next(), "a feed is dense");
        last = event.event.sequence;
        events.push(event);
    }
    events
}

/// Nothing acknowledged lies beyond the head.
pub async fn the_head_is_where_the_last_append_stands(harness: &dyn Harness) {
    let before = within(harness.feed().head()).await.expect("a head");
    let order = new_order(&*harness.log()).await;
    let after = within(harness.feed().head()).await.expect("a head");
    assert_eq!(order.last_sequence(), before.next());
    assert_eq!(after, order.last_sequence());
}

/// Every order's events are there, once, as they are in its history.
pub async fn a_feed_has_every_event_once_in_the_order_of_the_log(harness: &dyn Harness) {
    let log = harness.log();
    let start = within(harness.feed().head()).await.expect("a head");
    let orders = join_all((0..ORDERS).map(|_| async {
        let placed = new_order(&*log).await;
        appended(&*log, &placed, vec![some_event(1), some_event(2)]).await
    }));
    let orders = orders.await;
    let last = orders.iter().map(History::last_sequence).max();
    let events = read(&*harness.feed(), start, last.expect("orders")).await;
    assert_eq!(events.len(), ORDERS * 3);
    for order in orders {
        let stored = current(&*log, order.order_id()).await;
        let of_order = events.iter().map(|event| &event.event);
        let fed: Vec<_> = of_order
            .filter(|event| event.envelope.order_id == order.order_id())
            .cloned()
            .collect();
        assert_eq!(fed, stored.events());
    }
}

/// A feed that is taken up again goes on where it was left.
pub async fn a_feed_from_the_middle_begins_after_it(harness: &dyn Harness) {
    let log = harness.log();
    let placed = new_order(&*log).await;
    let middle = placed.last_sequence();
    let order = appended(&*log, &placed, vec![some_event(1), some_event(2)]).await;
    let events = read(&*harness.feed(), middle, order.last_sequence()).await;
    let fed: Vec<_> = events.into_iter().map(|event| event.event).collect();
    assert_eq!(fed, order.events()[1..]);
}

/// A feed at the head has nothing, then what is written, then nothing again.
pub async fn a_feed_waits_for_what_comes(harness: &dyn Harness) {
    let log = harness.log();
    let head = within(harness.feed().head()).await.expect("a head");
    let mut items = harness.feed().follow(head);
    assert!(items.next().now_or_never().is_none(), "nothing was written");
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let order = new_order(&*log).await;
        let item = within(items.next()).await.expect("a feed does not end");
        let sequence = item.expect("a feed that goes on").sequence();
        assert_eq!(sequence, order.last_sequence());
        assert!(seen.insert(sequence), "every event comes once");
        assert!(
            items.next().now_or_never().is_none(),
            "nothing more was written"
        );
    }
}

/// Feeds do not take events from each other, and agree on when each was recorded.
pub async fn two_feeds_have_the_same(harness: &dyn Harness) {
    let start = within(harness.feed().head()).await.expect("a head");
    let placed = new_order(&*harness.log()).await;
    let order = appended(&*harness.log(), &placed, vec![some_event(1)]).await;
    let feed = harness.feed();
    let (one, other) = tokio::join!(
        read(&*feed, start, order.last_sequence()),
        read(&*feed, start, order.last_sequence()),
    );
    let dated = |events: Vec<RecordedEvent>| -> Vec<_> {
        let dated = events
            .into_iter()
            .map(|event| (event.event, event.recorded_at));
        dated.collect()
    };
    let (one, other) = (dated(one), dated(other));
    assert_eq!(one, other);
    assert!(one.is_sorted_by_key(|(_, recorded_at)| *recorded_at));
}
