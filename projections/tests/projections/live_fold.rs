//! The one property of streams: what they tell leads from one list to the other, whoever is asked and however often the
//! connection is cut.

use std::collections::BTreeMap;

use axum::Router;
use ordertrace_domain::{EventArchive as _, FeedItem, Position, Sequence};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    feed::{Feed, LOG},
    folder::Folder,
    history::feed_of,
    http::{get, routes},
    live_stream::{Site, Told},
};

/// A page holds the whole list.
const MESSAGES: u64 = 250;

type List = BTreeMap<String, Value>;

/// A filter, which may name times in the middle of the log.
fn filter() -> impl Strategy<Value = String> {
    select(vec![
        "",
        "state=payment_requested",
        "status=Order+END",
        "paymentType=card",
        "paymentType=cash&state=placed",
        "state=delivery_started&productId=1",
        "productId=2",
        "customerId=anonymous&status=PAY+END",
        "from=2023-11-14T22:14:00Z",
        "to=2023-11-14T22:15:00Z&status=Order+END",
    ])
    .prop_map(str::to_owned)
}

async fn list(routes: &Router, filter: &str) -> List {
    let page = get(routes, &format!("/orderTraces?limit=200&{filter}"))
        .await
        .ok();
    let rows = page["_embedded"]["orderTraces"].as_array().unwrap().clone();
    assert!(
        page["_links"].get("next").is_none(),
        "the page is too short"
    );
    rows.into_iter()
        .map(|row| (row["orderId"].as_str().unwrap().to_owned(), row))
        .collect()
}

/// The list after these messages. After a `reset` it is loaded anew.
fn fold(mut rows: List, told: &[Told], anew: impl Fn(u64) -> List) -> List {
    for told in told {
        let order = || told.data["orderId"].as_str().unwrap().to_owned();
        match told.name.as_str() {
            "position" => {}
            "trace" => drop(rows.insert(order(), told.data.clone())),
            "removed" => assert!(
                rows.remove(&order()).is_some(),
                "it was not there: {told:?}"
            ),
            "reset" => rows = anew(told.at),
            other => panic!("{other}"),
        }
    }
    rows
}

/// The view after so many messages, and what it is asked for.
fn view_at(feed: &Feed, items: &[FeedItem], filter: &str, runtime: &Runtime) -> List {
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    store.commit(items).unwrap();
    runtime.block_on(list(&routes(&store), filter))
}

/// How many orders are in quarantine after so many messages. That one goes there a stream tells as it happens, and nobody can
/// tell later.
fn quarantined_at(feed: &Feed, items: &[FeedItem]) -> u64 {
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    store.commit(items).unwrap();
    store.status().quarantined
}

/// Whether the log can't tell the past of an order that one of these messages is of.
fn has_broken_order(feed: &Feed, items: &[FeedItem], runtime: &Runtime) -> bool {
    items.iter().any(|item| {
        let order = match item {
            FeedItem::Event(recorded) => Some(recorded.event.envelope.order_id),
            FeedItem::Unreadable(unreadable) => unreadable.order_id,
        };
        order.is_some_and(|order| runtime.block_on(feed.log.events_of(order)).is_err())
    })
}

fn position(at: u64) -> String {
    let position = Position {
        incarnation: LOG,
        sequence: Sequence::new(at),
    };
    position.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_in_turn_leads_from_the_list_to_the_list(
        seed in any::<u64>(),
        start in 0..MESSAGES,
        mut cuts in vec(0..MESSAGES, 0..6),
        cut in any::<prop::sample::Index>(),
        filter in filter(),
    ) {
        let runtime = Runtime::new().unwrap();
        let feed = feed_of(seed, MESSAGES);
        let items = feed.items();
        let index = |at: u64| usize::try_from(at).unwrap();
        let path = format!("/orderTraces/stream?{filter}");

        // As it happens, the log cut into chunks anyhow.
        let folder = Folder::new();
        let store = folder.open(feed.head_now());
        store.commit(&items[..index(start)]).unwrap();
        let before = runtime.block_on(list(&routes(&store), &filter));
        let site = Site::of(&store, &feed);
        let stream = runtime.block_on(site.open(&path));
        cuts.push(MESSAGES);
        cuts.sort_unstable();
        for cut in cuts {
            store.commit(&items[..index(cut.max(start))]).unwrap();
        }
        let live = runtime.block_on(site.stop(stream));
        let after = runtime.block_on(list(&routes(&store), &filter));
        prop_assert!(live.iter().skip(1).map(|told| told.at).is_sorted_by(|a, b| a < b));
        let never = |_| panic!("a stream of one that reads is not reset");
        prop_assert_eq!(&fold(before, &live, never), &after);

        // From the log, by another process, from any message on.
        let nth = cut.index(live.len());
        let last = position(live[nth].at);
        let resumed = Site::of(&store, &feed);
        let stream = runtime.block_on(resumed.resume(&path, &last));
        let missed = runtime.block_on(resumed.stop(stream));
        prop_assert_eq!(missed[0].at, live[nth].at);
        let is_reset = missed.iter().any(|told| told.name == "reset");
        let missed_items = &items[index(live[nth].at)..];
        if is_reset {
            prop_assert!(has_broken_order(&feed, missed_items, &runtime));
        } else {
            let broken = |at: u64| quarantined_at(&feed, &items[..index(at)]);
            prop_assert_eq!(broken(MESSAGES), broken(live[nth].at));
            prop_assert_eq!(&missed[1..], &live[nth + 1..]);
        }
        let then = view_at(&feed, &items[..index(live[nth].at)], &filter, &runtime);
        let anew = |at| view_at(&feed, &items[..index(at)], &filter, &runtime);
        prop_assert_eq!(&fold(then, &missed, anew), &after);
    }
}
