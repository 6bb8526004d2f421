//! What a customer is told as it happens: of their own orders, and of nobody else's.

use ordertrace_domain::testing::fixtures::{cash, events, histories};
use rstest::rstest;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    live::at,
    live_stream::{Site, Told},
    owners::{of_customer, prepared},
};

/// Where each message stands, and what it is.
fn heads(told: &[Told]) -> Vec<(u64, &str)> {
    told.iter()
        .map(|told| (told.at, told.name.as_str()))
        .collect()
}

fn placed(feed: &Feed, number: u64, name: &str) -> Tip {
    let placed = of_customer(name, histories::placed(cash()));
    feed.write_all(number, Tip::NONE, placed)
}

#[rstest]
#[case::any("/orderTraces/stream")]
#[case::of_a_state("/orderTraces/stream?state=placed")]
#[case::of_herself("/orderTraces/stream?customerId=alice")]
#[tokio::test]
async fn a_stream_tells_of_the_customers_own_orders_alone(#[case] path: &str) {
    let feed = Feed::new();
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of_customer(&store, &feed, "alice");
    let stream = site.open(path).await;
    placed(&feed, 0, "alice");
    let bobs = placed(&feed, 1, "bob");
    feed.write_all(1, bobs, [events::payment_requested(cash())]);
    placed(&feed, 2, "alice");
    store.commit(&feed.items()).unwrap();
    let told = site.stop(stream).await;
    assert_eq!(heads(&told), [(0, "position"), (1, "trace"), (4, "trace")]);
    assert!(
        told[1..]
            .iter()
            .all(|told| told.data["customerId"] == "alice")
    );
    // Whoever comes back is told the same, from the log.
    let resumed = Site::of_customer(&store, &feed, "alice");
    let stream = resumed.resume(path, &at(0)).await;
    assert_eq!(resumed.stop(stream).await, told);
}

#[rstest]
#[case::that_there_is("bob")]
#[case::that_there_is_not("nobody")]
#[tokio::test]
async fn a_stream_of_another_customer_tells_nothing(#[case] name: &str) {
    let feed = Feed::of([prepared("bob"), prepared("alice")]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of_customer(&store, &feed, "alice");
    let path = format!("/orderTraces/stream?customerId={name}");
    let stream = site.resume(&path, &at(0)).await;
    placed(&feed, 2, "bob");
    placed(&feed, 3, "alice");
    store.commit(&feed.items()).unwrap();
    assert_eq!(heads(&site.stop(stream).await), [(0, "position")]);
}

#[tokio::test]
async fn the_stream_of_ones_own_order_goes_on_where_one_was() {
    let feed = Feed::of([prepared("bob"), prepared("alice")]);
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of_customer(&store, &feed, "alice");
    let path = format!("/orderTraces/{}/stream", order_id(1));
    let stream = site.resume(&path, &at(4)).await;
    let told = site.stop(stream).await;
    assert_eq!(told.len(), 5);
    assert!(
        told[1..]
            .iter()
            .all(|told| told.data["orderId"] == order_id(1).to_string())
    );
}

#[tokio::test]
async fn damage_to_anothers_order_is_nothing_to_a_customer_who_comes_back() {
    let feed = Feed::of([prepared("bob"), prepared("alice")]);
    feed.write(0, b"no envelope");
    feed.write(2, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let path = "/orderTraces/stream";
    let alice = Site::of_customer(&store, &feed, "alice");
    let stream = alice.resume(path, &at(7)).await;
    assert_eq!(
        heads(&alice.stop(stream).await),
        [(7, "position"), (8, "trace")]
    );
    let bob = Site::of_customer(&store, &feed, "bob");
    let stream = bob.resume(path, &at(7)).await;
    assert_eq!(
        heads(&bob.stop(stream).await),
        [(7, "position"), (10, "reset")]
    );
}
