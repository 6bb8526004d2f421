//! Looking for traces: filters, their order, their pages, and what is counted of them.

use axum::Router;
use ordertrace_domain::testing::fixtures::{card, cash, histories};
use ordertrace_projections::ViewStore;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    feed::{Feed, order_id},
    folder::Folder,
    http::{get, routes},
};

/// Five orders, a second apart and more: two placed, one of each payment type out, one by card completed, one cancelled.
fn shop() -> (Folder, ViewStore) {
    Folder::with(&Feed::of([
        histories::placed(cash()),
        histories::placed(card()),
        histories::started(cash()),
        histories::started(card()),
        histories::completed(card()),
    ]))
}

/// The numbers of the orders on a page.
fn numbers(page: &Value) -> Vec<u64> {
    let traces = page["_embedded"]["orderTraces"].as_array().unwrap();
    let number =
        |trace: &Value| (0..5).find(|number| trace["orderId"] == order_id(*number).to_string());
    traces.iter().map(|trace| number(trace).unwrap()).collect()
}

async fn found(routes: &Router, query: &str) -> Vec<u64> {
    numbers(&get(routes, &format!("/orderTraces{query}")).await.ok())
}

#[rstest]
#[case::all("", &[4, 3, 2, 1, 0])]
#[case::oldest_first("?sort=placedAt,asc", &[0, 1, 2, 3, 4])]
#[case::state("?state=placed", &[1, 0])]
#[case::status("?status=DELIVERY+START", &[3, 2])]
#[case::payment_type("?paymentType=card", &[4, 3, 1])]
#[case::product("?productId=1", &[4, 3, 2, 1, 0])]
#[case::no_such_product("?productId=999", &[])]
#[case::customer("?customerId=anonymous&sort=placedAt,asc", &[0, 1, 2, 3, 4])]
#[case::two("?state=delivery_started&paymentType=card", &[3])]
#[case::a_state_of_nobody("?state=rejected", &[])]
#[tokio::test]
async fn traces_are_found_by_what_they_have_in_common(
    #[case] query: &str,
    #[case] expected: &[u64],
) {
    let (_folder, store) = shop();
    assert_eq!(found(&routes(&store), query).await, expected);
}

#[tokio::test]
async fn traces_are_found_by_the_time_they_were_placed() {
    let (_folder, store) = shop();
    let routes = routes(&store);
    let all = get(&routes, "/orderTraces?sort=placedAt,asc").await.ok();
    let placed_at = |number: usize| {
        let trace = &all["_embedded"]["orderTraces"][number];
        trace["placedAt"].as_str().unwrap().to_owned()
    };
    let (from, to) = (placed_at(1), placed_at(3));
    assert_eq!(
        found(&routes, &format!("?from={from}&to={to}")).await,
        [2, 1]
    );
    assert_eq!(found(&routes, &format!("?from={to}")).await, [4, 3]);
    assert_eq!(found(&routes, &format!("?to={from}")).await, [0]);
    assert_eq!(
        found(&routes, &format!("?from={to}&to={from}")).await,
        [0_u64; 0]
    );
}

#[tokio::test]
async fn the_pages_of_a_filter_follow_one_another_under_its_links() {
    let (_folder, store) = shop();
    let routes = routes(&store);
    let first = get(&routes, "/orderTraces?paymentType=card&limit=2").await;
    let link = first.header("link").to_owned();
    let first = first.ok();
    assert_eq!(numbers(&first), [4, 3]);
    assert_eq!(first["page"]["totalElements"], 3);
    let next = first["_links"]["next"]["href"].as_str().unwrap();
    assert_eq!(link, format!("<{next}>; rel=\"next\""));
    assert!(
        next.contains("paymentType=card") && next.contains("limit=2"),
        "{next}"
    );
    let second = get(&routes, next).await.ok();
    assert_eq!(numbers(&second), [1]);
    assert_eq!(second["_links"].get("next"), None);
    assert_eq!(second["_links"]["self"]["href"], next);
    // A cursor of one filter is none of another.
    let cursor = next.split_once("cursor=").unwrap().1;
    let other = get(
        &routes,
        &format!("/orderTraces?paymentType=cash&cursor={cursor}"),
    )
    .await;
    assert_eq!(other.problem(), "invalid-request");
}

#[tokio::test]
async fn what_nobody_counts_has_no_total() {
    let (_folder, store) = shop();
    let page = get(&routes(&store), "/orderTraces?paymentType=card&productId=1")
        .await
        .ok();
    assert_eq!(page["page"], json!({"size": 50, "number": 0}));
}

#[rstest]
#[case("state=PLACED", "placed")]
#[case("state=", "placed")]
#[case("status=END", "ORDER CANCEL")]
#[case("productId=0", "productId")]
#[case("productId=coffee", "productId")]
#[case("customerId=", "customerId")]
#[case("paymentType=gold", "cash, card")]
#[case("from=yesterday", "RFC 3339")]
#[case("to=2026-11-23", "RFC 3339")]
#[case("sort=placedAt", "placedAt,desc")]
#[case("order=1", "state")]
#[case("state=placed&state=placed", "twice")]
#[tokio::test]
async fn what_no_trace_can_have_is_refused(#[case] query: &str, #[case] words: &str) {
    let (_folder, store) = shop();
    let answer = get(&routes(&store), &format!("/orderTraces?{query}")).await;
    assert_eq!(answer.problem(), "invalid-request");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(words), "{detail}");
}

#[tokio::test]
async fn a_trace_tells_what_happened_who_did_it_and_what_it_changed() {
    let (_folder, store) = shop();
    let trace = get(&routes(&store), &format!("/orderTraces/{}", order_id(4)))
        .await
        .ok();
    let timeline = trace["timeline"].as_array().unwrap();
    let types: Vec<_> = timeline
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    let story = histories::completed(card());
    let expected: Vec<_> = story.iter().map(|event| event.event_type().name).collect();
    assert_eq!(types, expected);
    assert_eq!(timeline.len() as u64, trace["version"].as_u64().unwrap());
    assert_eq!(timeline[0]["recordedAt"], trace["placedAt"]);
    assert_eq!(timeline.last().unwrap()["recordedAt"], trace["changedAt"]);
    assert_eq!(timeline.last().unwrap()["position"], trace["position"]);
    assert_eq!(
        timeline[0]["actor"],
        json!({"kind": "operator", "id": "operator"})
    );
    let changed = |nth: usize| timeline[nth]["changed"].clone();
    assert_eq!(
        changed(0),
        json!({"state": "placed", "paymentState": "payment_not_requested", "deliveryState": "delivery_not_prepared"})
    );
    assert_eq!(
        changed(1),
        json!({"state": "payment_requested", "paymentState": "payment_requested"})
    );
    // In lists it would be too much.
    let list = get(&routes(&store), "/orderTraces").await.ok();
    assert_eq!(list["_embedded"]["orderTraces"][0].get("timeline"), None);
}

#[tokio::test]
async fn an_order_in_quarantine_tells_what_happened_before() {
    let feed = Feed::of([histories::requested(cash())]);
    feed.write(0, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let trace = get(&routes(&store), &format!("/orderTraces/{}", order_id(0)))
        .await
        .ok();
    assert_eq!(trace["quarantined"]["reason"], "unreadable");
    assert_eq!(trace["timeline"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn stats_count_every_state_and_every_hour() {
    let (_folder, store) = shop();
    let stats = get(&routes(&store), "/orderTraces/stats").await.ok();
    let states = stats["states"].as_array().unwrap();
    let count = |state: &str| {
        let found = states.iter().find(|it| it["state"] == state);
        found.unwrap()["count"].as_u64().unwrap()
    };
    assert_eq!(
        ["placed", "delivery_started", "completed", "rejected"].map(count),
        [2, 2, 1, 0]
    );
    assert_eq!(
        states
            .iter()
            .map(|it| it["count"].as_u64().unwrap())
            .sum::<u64>(),
        5
    );
    // The orders were placed just after the clock of the tests began.
    let day = "?from=2023-11-14T22:00:00Z&to=2023-11-15T00:00:00Z";
    let answer = get(&routes(&store), &format!("/orderTraces/stats{day}")).await;
    let hours = answer.ok()["hours"].clone();
    let expected = json!([{
        "begins": "2023-11-14T22:00:00.000000Z",
        "total": 5,
        "states": {"placed": 2, "delivery_started": 2, "completed": 1},
    }]);
    assert_eq!(hours, expected);
}

#[rstest]
#[case("from=2023-11-15T00:00:00Z&to=2023-11-14T00:00:00Z")]
#[case("from=2023-01-01T00:00:00Z&to=2023-12-31T00:00:00Z")]
#[case("from=now")]
#[tokio::test]
async fn stats_of_no_time_or_too_long_a_time_are_refused(#[case] query: &str) {
    let (_folder, store) = shop();
    let answer = get(&routes(&store), &format!("/orderTraces/stats?{query}")).await;
    assert_eq!(answer.problem(), "invalid-request");
}
