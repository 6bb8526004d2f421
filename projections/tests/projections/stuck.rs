//! The list of stuck orders.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::Request};
use ordertrace_domain::{
    Attempt, Clock, Event, Patience, StuckReason, Timestamp,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, events, histories},
    },
};
use ordertrace_projections::{Queries, ViewStore, stuck_routes};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{Answer, get, send},
};

const HOUR: Duration = Duration::from_hours(1);

/// Two answers of the provider, two tries at a refund, a quarter of an hour.
const PATIENCE: Patience = Patience {
    payment_checks_max: Attempt::new(2),
    refund_attempts_max: Attempt::new(2),
    payment_deadline: Duration::from_hours(24),
    delivery_deadline: Duration::from_hours(48),
    idle_max: Duration::from_mins(15),
};

/// The routes of a view, asked so long after the log began.
fn routes(store: &ViewStore, after: Duration) -> Router {
    let clock = ManualClock::at(ManualClock::START.after(after));
    stuck_routes(
        Queries::new(store.clone(), Arc::new(MemoryLog::new()), Arc::new(clock)),
        PATIENCE,
    )
}

/// By card, the outcome unknown so often.
pub(crate) fn unknown(checks: u16) -> Vec<Event> {
    let mut events = histories::submitted(fixtures::card());
    events.extend((1..=checks).map(events::payment_outcome_unknown));
    events
}

/// In cash, being cancelled, the refund failed so often.
fn refund_failed(refunds: u16) -> Vec<Event> {
    let mut events = histories::approved(fixtures::cash());
    events.push(events::cancellation_requested());
    for refund in 1..=refunds {
        events.push(events::refund_requested(refund));
        events.push(events::refund_failed(refund));
    }
    events
}

fn orders(page: &Value) -> &[Value] {
    page["_embedded"]["stuckOrders"].as_array().unwrap()
}

/// Each order's number and reason.
fn reasons(page: &Value) -> Vec<(u64, String)> {
    let numbered = |order: &Value| {
        let id = order["orderId"].as_str().unwrap();
        let number = (0..2_000).find(|number| order_id(*number).to_string() == id);
        (
            number.unwrap(),
            order["reason"].as_str().unwrap().to_owned(),
        )
    };
    orders(page).iter().map(numbered).collect()
}

fn next_of(page: &Value) -> Option<String> {
    let next = page["_links"]["next"]["href"].as_str();
    next.map(str::to_owned)
}

/// The body of an answer.
pub(crate) async fn list(store: &ViewStore, after: Duration, path: &str) -> Value {
    get(&routes(store, after), path).await.ok()
}

/// All pages from the first on.
async fn pages(routes: &Router, first: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let page = get(routes, &at).await.ok();
        assert_eq!(page["_links"]["self"]["href"], at);
        path = next_of(&page);
        pages.push(page);
        assert!(pages.len() < 100, "the pages have no end");
    }
    pages
}

#[tokio::test]
async fn nothing_is_listed_while_all_orders_go_on() {
    let feed = Feed::of([
        histories::placed(fixtures::card()),
        unknown(1),
        refund_failed(1),
        histories::completed(fixtures::cash()),
    ]);
    let (_folder, store) = Folder::with(&feed);
    let expected = json!({
        "_embedded": { "stuckOrders": [] },
        "_links": { "self": { "href": "/ops/stuck" } },
    });
    assert_eq!(
        list(&store, Duration::from_mins(1), "/ops/stuck").await,
        expected
    );
}

#[tokio::test]
async fn each_order_is_listed_for_its_own_reason_oldest_first() {
    let feed = Feed::of([
        histories::requested(fixtures::cash()),
        unknown(2),
        histories::requested(fixtures::card()),
        refund_failed(2),
        histories::completed(fixtures::card()),
    ]);
    feed.write_all(5, Tip::NONE, histories::placed(fixtures::cash()));
    feed.write(5, b"no envelope");
    feed.write(6, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let page = list(&store, HOUR, "/ops/stuck").await;
    let expected = [
        (1, "payment_unknown"),
        (2, "idle"),
        (3, "refund_failed"),
        (5, "quarantined"),
        (6, "quarantined"),
    ];
    let expected = expected.map(|(number, reason)| (number, reason.to_owned()));
    assert_eq!(reasons(&page), expected);
    // Cash waits for a person until its deadline, and a while beyond.
    let page = list(&store, 25 * HOUR, "/ops/stuck?reason=idle").await;
    let expected = [(0, "idle".to_owned()), (2, "idle".to_owned())];
    assert_eq!(reasons(&page), expected);
}

#[tokio::test]
async fn a_stuck_order_is_shown_as_it_stands() {
    let (_folder, store) = Folder::with(&Feed::of([unknown(2)]));
    let page = list(&store, HOUR, "/ops/stuck").await;
    let id = order_id(0);
    let expected = json!({
        "orderId": id.to_string(),
        "reason": "payment_unknown",
        "state": "payment_unknown",
        "status": "Order END",
        "version": 5,
        "idleSeconds": 3_595,
        "changedAt": "2023-11-14T22:13:25.000000Z",
        "providerRef": "pi_1",
        "_links": {
            "self": { "href": format!("/ops/stuck/{id}") },
            "resume": { "href": format!("/ops/stuck/{id}/resume") },
            "orderTrace": { "href": format!("/orderTraces/{id}") },
        },
    });
    assert_eq!(orders(&page), [expected]);
}

#[tokio::test]
async fn an_order_in_quarantine_is_shown_as_far_as_it_is_known() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    feed.write(0, b"no envelope");
    feed.write(1, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let page = list(&store, HOUR, "/ops/stuck?reason=quarantined").await;
    let [known, unknown] = orders(&page) else {
        panic!("{page:#}");
    };
    assert_eq!(known["state"], "placed");
    assert_eq!(known["quarantined"]["reason"], "unreadable");
    assert_eq!(
        known["quarantined"]["position"],
        format!("{}-2", feed.incarnation)
    );
    assert_eq!(unknown["orderId"], order_id(1).to_string());
    assert_eq!(
        unknown["quarantined"]["position"],
        format!("{}-3", feed.incarnation)
    );
    assert_eq!(unknown.get("state"), None);
}

#[tokio::test]
async fn an_order_in_quarantine_after_its_end_is_listed_too() {
    let feed = Feed::of([histories::completed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    assert_eq!(reasons(&list(&store, HOUR, "/ops/stuck").await), []);
    feed.write(0, b"no envelope");
    store.commit(&feed.items()).unwrap();
    let page = list(&store, HOUR, "/ops/stuck").await;
    assert_eq!(reasons(&page), [(0, "quarantined".to_owned())]);
}

#[tokio::test]
async fn an_order_leaves_the_list_when_it_goes_on() {
    let feed = Feed::new();
    let tip = feed.write_all(0, Tip::NONE, unknown(2));
    let (_folder, store) = Folder::with(&feed);
    assert_eq!(
        orders(&list(&store, Duration::ZERO, "/ops/stuck").await).len(),
        1
    );
    let word = Some(fixtures::provider_ref());
    feed.write_all(0, tip, [events::payment_approved(word)]);
    store.commit(&feed.items()).unwrap();
    assert_eq!(
        orders(&list(&store, Duration::ZERO, "/ops/stuck").await).len(),
        0
    );
}

#[tokio::test]
async fn the_list_can_be_asked_for_one_reason() {
    let (_folder, store) = Folder::with(&Feed::of([unknown(2), refund_failed(2), unknown(2)]));
    for reason in StuckReason::ALL.map(StuckReason::name) {
        let page = list(
            &store,
            Duration::ZERO,
            &format!("/ops/stuck?reason={reason}"),
        )
        .await;
        let expected = match reason {
            "payment_unknown" => vec![0, 2],
            "refund_failed" => vec![1],
            _ => vec![],
        };
        let numbers: Vec<_> = reasons(&page)
            .into_iter()
            .map(|(number, _)| number)
            .collect();
        assert_eq!(numbers, expected, "{reason}");
    }
}

#[tokio::test]
async fn following_the_pages_shows_each_stuck_order_once() {
    // Every third order is stuck; those between are passed over.
    let histories = (0..120).map(|number| match number % 3 {
        0 => unknown(2),
        1 => histories::completed(fixtures::cash()),
        _ => histories::requested(fixtures::cash()),
    });
    let (_folder, store) = Folder::with(&Feed::of(histories));
    let routes = routes(&store, HOUR);
    for limit in [1, 7, 40, 200] {
        let pages = pages(&routes, &format!("/ops/stuck?limit={limit}")).await;
        assert!(
            pages.iter().all(|page| orders(page).len() <= limit),
            "{limit}"
        );
        let numbers = pages.iter().flat_map(reasons).map(|(number, _)| number);
        let expected: Vec<u64> = (0..40).map(|third| third * 3).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{limit}");
    }
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_orders_and_says_where_to_go_on() {
    let mut histories = vec![histories::placed(fixtures::cash()); 1_000];
    histories.push(unknown(2));
    let (_folder, store) = Folder::with(&Feed::of(histories));
    let routes = routes(&store, Duration::ZERO);
    let pages = pages(&routes, "/ops/stuck").await;
    let found: Vec<_> = pages.iter().map(|page| orders(page).len()).collect();
    assert_eq!(found, [0, 1]);
}

#[rstest]
#[case::a_reason_that_is_none("/ops/stuck?reason=lost")]
#[case::an_unknown_parameter("/ops/stuck?colour=red")]
#[case::a_limit_above_the_most("/ops/stuck?limit=201")]
#[case::a_forged_cursor("/ops/stuck?cursor=00")]
#[case::a_position_of_another_log("/ops/stuck?after=1-1")]
#[tokio::test]
async fn what_is_not_understood_is_refused(#[case] path: &str) {
    let (_folder, store) = Folder::with(&Feed::new());
    let answer = get(&routes(&store, HOUR), path).await;
    assert_eq!(answer.problem(), "invalid-request");
}

#[tokio::test]
async fn a_cursor_of_a_collection_is_none_of_this_list() {
    let (_folder, store) = Folder::with(&Feed::of([unknown(2), unknown(2)]));
    let orders = crate::http::routes(&store);
    let next = next_of(&get(&orders, "/orders?limit=1").await.ok()).unwrap();
    let elsewhere = next.replace("/orders", "/ops/stuck");
    let answer = get(&routes(&store, HOUR), &elsewhere).await;
    assert_eq!(answer.problem(), "invalid-request");
}

#[tokio::test]
async fn the_list_says_which_position_it_shows_and_wants_json_accepted() {
    let feed = Feed::of([unknown(2)]);
    let (_folder, store) = Folder::with(&feed);
    let routes = routes(&store, HOUR);
    let position = feed.head_now().to_string();
    let answer: Answer = get(&routes, &format!("/ops/stuck?after={position}")).await;
    assert_eq!(answer.header("ordertrace-position"), position);
    let request = Request::get("/ops/stuck").header("accept", "text/html");
    assert_eq!(send(&routes, request).await.problem(), "not-acceptable");
}

#[tokio::test]
async fn a_clock_behind_the_logs_own_makes_no_order_idle() {
    let (_folder, store) = Folder::with(&Feed::of([unknown(2)]));
    let clock = ManualClock::at(Timestamp::from_micros(0));
    assert!(clock.now() < ManualClock::START);
    let routes = stuck_routes(
        Queries::new(store, Arc::new(MemoryLog::new()), Arc::new(clock)),
        PATIENCE,
    );
    let page = get(&routes, "/ops/stuck").await.ok();
    assert_eq!(orders(&page)[0]["idleSeconds"], 0);
}
