//! `docs/http.md` has every query, and the answers it shows are the real ones.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{
    Event, StuckReason,
    testing::fixtures::{self, events, histories},
};
use ordertrace_projections::{RebuildRequest, ViewStore, view_routes};
use serde_json::Value;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{get, routes},
    rebuild_scene::Rebuilding,
    stuck,
};

const DOCUMENT: &str = include_str!("../../../docs/http.md");

/// The order of the document.
const DOCUMENTED_ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";

const ROUTES: [&str; 10] = [
    "/orders",
    "/orders/{id}",
    "/payments",
    "/payments/{id}",
    "/deliveries",
    "/deliveries/{id}",
    "/orderTraces",
    "/orderTraces/{id}",
    "/orderTraces/stats",
    "/orderTraces/search/findByOrderId?orderId={id}",
];

/// One coffee, paid in cash and on its way.
fn one_coffee() -> Vec<Event> {
    let lines = vec![fixtures::line(1, "Coffee", 1, 1_000)];
    vec![
        events::order_placed_as(fixtures::order_of(lines, fixtures::cash())),
        events::payment_requested(fixtures::cash()),
        events::payment_approved(None),
        events::delivery_prepared(3),
        events::delivery_started(1),
    ]
}

/// A log in which that order was placed at position 42, as in the rest of the document.
fn documented_log() -> Feed {
    let feed = Feed::new();
    for number in 1..42 {
        feed.write_all(number, Tip::NONE, histories::placed(fixtures::cash()));
    }
    feed.write_all(0, Tip::NONE, one_coffee());
    feed
}

/// The answer to a query on a view with that order, as JSON with the document's id.
async fn answered(store: &ViewStore, path: &str) -> Value {
    let id = order_id(0).to_string();
    let body = get(&routes(store), &path.replace("{id}", &id)).await.ok();
    serde_json::from_str(&body.to_string().replace(&id, DOCUMENTED_ID)).unwrap()
}

/// The JSON block that follows a marker in the document.
fn shown(marker: &str) -> Value {
    let (_, after) = DOCUMENT.split_once(marker).unwrap();
    let (_, after) = after.split_once("```json\n").unwrap();
    let (block, _) = after.split_once("```").unwrap();
    serde_json::from_str(block).unwrap()
}

#[tokio::test]
async fn each_query_is_documented_and_answered() {
    let (_folder, store) = Folder::with(&documented_log());
    for route in ROUTES {
        let (path, _) = route.split_once('?').unwrap_or((route, ""));
        assert!(DOCUMENT.contains(&format!("`GET {path}")), "{route}");
        answered(&store, route).await;
    }
}

#[tokio::test]
async fn the_documented_trace_is_the_real_answer() {
    let (_folder, store) = Folder::with(&documented_log());
    let trace = answered(&store, "/orderTraces/{id}").await;
    assert_eq!(trace, shown("<!-- answer: trace -->"), "{trace:#}");
}

#[tokio::test]
async fn the_documented_list_is_the_real_answer() {
    let (_folder, store) = Folder::with(&documented_log());
    let mut list = answered(&store, "/orders?limit=1").await;
    // The entry is the order that the document shows elsewhere.
    list["_embedded"]["orders"] = Value::Array(Vec::new());
    assert_eq!(list, shown("<!-- answer: list -->"), "{list:#}");
}

#[tokio::test]
async fn the_documented_stuck_orders_are_the_real_answer() {
    assert!(DOCUMENT.contains("`GET /ops/stuck`"));
    let feed = Feed::of([stuck::unknown(20)]);
    let (_folder, store) = Folder::with(&feed);
    let asked = Duration::from_secs(feed.head_now().sequence.get() + 180);
    let page = stuck::list(&store, asked, "/ops/stuck").await;
    let page = page
        .to_string()
        .replace(&order_id(0).to_string(), DOCUMENTED_ID);
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page, shown("<!-- answer: stuck orders -->"), "{page:#}");
}

/// The digest of the document. The real one is another with every change of what is stored.
const DOCUMENTED_DIGEST: &str = "5b0d8f3f6c1f4e0a97c2ab41d3e86f7012c94a5de7b83f60a1d2c3b4958677ef";

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_views_and_their_rebuild_are_the_real_answers() {
    for call in ["GET /ops/views", "GET /ops/rebuild", "POST /ops/rebuild"] {
        assert!(DOCUMENT.contains(&format!("`{call}`")), "{call}");
    }
    let feed = documented_log();
    let (_folder, store) = Folder::with(&feed);
    let rebuilding = Rebuilding::of(&store, &feed);
    let log = Arc::new(feed.clone());
    let routes = view_routes(store.clone(), log, rebuilding.rebuilds.clone());
    let digest = store.digest().1.to_string();
    let answered = async |path| {
        let answer = get(&routes, path).await.ok().to_string();
        serde_json::from_str::<Value>(&answer.replace(&digest, DOCUMENTED_DIGEST)).unwrap()
    };
    let views = answered("/ops/views").await;
    assert_eq!(views, shown("<!-- answer: views -->"), "{views:#}");
    rebuilding.rebuild(RebuildRequest::default()).await;
    let mut rebuild = answered("/ops/rebuild").await;
    let documented = shown("<!-- answer: rebuild -->");
    // How fast it was, and of how many entries a view consists, is no promise.
    for figure in [
        "/eventsPerSecond",
        "/entriesCompared",
        "/comparison/live/entries",
        "/comparison/rebuilt/entries",
    ] {
        let real = rebuild.pointer_mut(figure).unwrap();
        assert!(real.as_f64() > Some(0.0), "{figure}: {real}");
        *real = documented.pointer(figure).unwrap().clone();
    }
    assert_eq!(rebuild, documented, "{rebuild:#}");
    rebuilding.stop().await;
}

#[test]
fn each_reason_for_being_listed_is_documented() {
    let (_, section) = DOCUMENT.split_once("### Stuck orders").unwrap();
    let (section, _) = section.split_once("### Parked messages").unwrap();
    let reasons = StuckReason::ALL.map(StuckReason::name).into_iter();
    for reason in reasons.chain(["quarantined"]) {
        assert!(section.contains(&format!("\n| `{reason}` | ")), "{reason}");
    }
}
