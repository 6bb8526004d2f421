//! Single resources, positions, and what is refused.

use std::{sync::Arc, time::Duration};

use axum::http::Request;
use ordertrace_domain::{
    FeedItem, Position, Sequence,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, histories},
    },
};
use ordertrace_projections::{Queries, ViewStore, router};
use rstest::rstest;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{get, listed, routes, send},
    scene::{PATIENCE, Running, until_at},
};

const COLLECTIONS: [&str; 4] = ["orders", "payments", "deliveries", "orderTraces"];

fn at(store: &ViewStore, sequence: u64) -> Position {
    Position {
        sequence: Sequence::new(sequence),
        ..store.status().position
    }
}

#[tokio::test]
async fn a_trace_shows_the_order_with_the_originals_fields_and_words() {
    let feed = Feed::of([histories::started(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let (id, position) = (order_id(0), feed.head_now());
    let answer = get(&routes(&store), &format!("/orderTraces/{id}")).await;
    assert_eq!(answer.header("etag"), "\"5\"");
    assert_eq!(answer.header("ordertrace-position"), position.to_string());
    let trace = answer.ok();
    let fields = [
        ("orderId", id.to_string().into()),
        ("productId", 1.into()),
        ("productName", "Coffee".into()),
        ("qty", 2.into()),
        ("cost", 1000.into()),
        ("paymentType", "cash".into()),
        ("status", "DELIVERY START".into()),
        ("state", "delivery_started".into()),
        ("version", 5.into()),
        ("placedAt", "2023-11-14T22:13:21.000000Z".into()),
        ("changedAt", "2023-11-14T22:13:25.000000Z".into()),
        ("position", position.to_string().into()),
        ("quarantined", serde_json::Value::Null),
    ];
    for (name, value) in fields {
        assert_eq!(trace[name], value, "{name} of {trace}");
    }
}

#[tokio::test]
async fn each_collection_has_the_order_from_the_event_that_makes_it_a_member() {
    let feed = Feed::new();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let routes = routes(&store);
    let mut tip = Tip::NONE;
    let mut found = Vec::new();
    for event in histories::prepared(fixtures::cash()) {
        tip = feed.write_all(0, tip, [event]);
        store.commit(&feed.items()).unwrap();
        let mut statuses = Vec::new();
        for collection in COLLECTIONS {
            let answer = get(&routes, &format!("/{collection}/{}", order_id(0))).await;
            statuses.push(answer.status.as_u16());
        }
        found.push(statuses);
    }
    let expected = [
        [200, 404, 404, 200],
        [200, 200, 404, 200],
        [200, 200, 404, 200],
        [200, 200, 200, 200],
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn find_by_order_id_answers_as_the_trace_itself_does() {
    let feed = Feed::of([histories::placed(fixtures::card())]);
    let (_folder, store) = Folder::with(&feed);
    let (routes, id) = (routes(&store), order_id(0));
    let search = "/orderTraces/search/findByOrderId";
    let found = get(&routes, &format!("{search}?orderId={id}")).await;
    assert_eq!(found.header("etag"), "\"1\"");
    let direct = get(&routes, &format!("/orderTraces/{id}")).await;
    assert_eq!(found.ok(), direct.ok());
    let missing = get(&routes, &format!("{search}?orderId={}", order_id(1))).await;
    assert_eq!(missing.problem(), "not-found");
    assert_eq!(get(&routes, search).await.problem(), "invalid-request");
    let unfit = get(&routes, &format!("{search}?orderId=*")).await;
    assert_eq!(unfit.problem(), "invalid-id");
}

#[rstest]
#[case::an_unknown_parameter("/orders?colour=red", "invalid-request")]
#[case::a_repeated_parameter("/orders?limit=1&limit=1", "invalid-request")]
#[case::a_query_that_is_none("/orders?limit=%ff", "invalid-request")]
#[case::no_limit("/orders?limit=", "invalid-request")]
#[case::limit_zero("/orders?limit=0", "invalid-request")]
#[case::limit_minus_one("/orders?limit=-1", "invalid-request")]
#[case::limit_above_the_most("/orders?limit=201", "invalid-request")]
#[case::limit_far_above_the_most("/orders?limit=1000000000", "invalid-request")]
#[case::limit_in_another_spelling("/orders?limit=%2B1", "invalid-request")]
#[case::a_forged_cursor("/orders?cursor=00", "invalid-request")]
#[case::a_malformed_position("/orders?after=1", "invalid-request")]
#[case::a_position_of_another_log("/orders?after=1-1", "invalid-request")]
#[case::a_parameter_of_lists_on_an_item("/orders/x?limit=1", "invalid-request")]
#[case::a_wildcard_for_an_id("/orders/*", "invalid-id")]
#[case::tokens_for_an_id("/payments/a.b", "invalid-id")]
#[case::a_traversal_for_an_id("/deliveries/..%2f", "invalid-id")]
#[case::an_id_that_is_no_utf8("/orderTraces/%ff", "invalid-id")]
#[case::an_id_in_capitals("/orders/01890A5D-AC96-774B-BCCE-B302099A8057", "invalid-id")]
#[case::an_order_that_is_not_there("/orders/01890a5d-ac96-774b-bcce-b302099a8057", "not-found")]
#[tokio::test]
async fn what_can_not_be_answered_is_a_problem(#[case] path: &str, #[case] problem: &str) {
    let (_folder, store) = Folder::with(&Feed::new());
    let answer = get(&routes(&store), path).await;
    assert_eq!(answer.problem(), problem, "{}", answer.body);
    let position = at(&store, 0).to_string();
    assert_eq!(answer.header("ordertrace-position"), position);
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_told_so() {
    let (_folder, store) = Folder::with(&Feed::new());
    let request = Request::get("/orders").header("accept", "application/xml");
    let answer = send(&routes(&store), request).await;
    assert_eq!(answer.problem(), "not-acceptable");
}

#[tokio::test]
async fn a_query_waits_until_the_view_has_the_position_it_asks_for() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let path = format!("/payments/{}?after={}", order_id(0), at(&store, 2));
    let routes = routes(&store);
    let asking = tokio::spawn(async move { get(&routes, &path).await });
    // The answer can't come before the event does: without the wait it would be a 404.
    tokio::task::yield_now().await;
    let tip = Tip {
        version: ordertrace_domain::Version::new(1),
        hash: match &feed.items()[0] {
            FeedItem::Event(recorded) => recorded.event.hash,
            FeedItem::Unreadable(_) => panic!("an event"),
        },
    };
    feed.write_all(0, tip, histories::requested(fixtures::cash()).split_off(1));
    store.commit(&feed.items()).unwrap();
    let answer = tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        answer.header("ordertrace-position"),
        at(&store, 2).to_string()
    );
    assert_eq!(answer.ok()["state"], "payment_requested");
}

#[tokio::test]
async fn a_query_for_a_position_that_the_view_has_is_answered_at_once() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let queries = Queries::new(
        store.clone(),
        Arc::new(MemoryLog::new()),
        Arc::new(ManualClock::new()),
    )
    .with_after_wait_max(Duration::ZERO);
    for sequence in [0, 1] {
        let path = format!("/orders?after={}", at(&store, sequence));
        get(&router(queries.clone()), &path).await.ok();
    }
}

#[tokio::test]
async fn a_query_for_a_position_that_does_not_come_is_told_that_the_view_is_behind() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let queries = Queries::new(
        store.clone(),
        Arc::new(MemoryLog::new()),
        Arc::new(ManualClock::new()),
    )
    .with_after_wait_max(Duration::from_millis(20));
    for path in [
        "/orders".to_owned(),
        format!("/orders/{}", order_id(0)),
        "/orderTraces/search/findByOrderId".to_owned(),
    ] {
        let path = format!("{path}?after={}", at(&store, 2));
        let answer = get(&router(queries.clone()), &path).await;
        assert_eq!(answer.status.as_u16(), 503);
        assert_eq!(answer.problem(), "view-behind");
        assert_ne!(answer.header("retry-after"), "");
        assert_eq!(
            answer.header("ordertrace-position"),
            at(&store, 1).to_string()
        );
    }
}

#[tokio::test]
async fn a_stopped_view_answers_no_query_any_more() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let running = Running::start(&feed, &store);
    until_at(&store, Sequence::new(1)).await;
    let waiting = format!("/orders?after={}", at(&store, 2));
    let routes = routes(&store);
    let asking = tokio::spawn({
        let routes = routes.clone();
        async move { get(&routes, &waiting).await }
    });
    feed.log.recreate();
    running.ended().await.unwrap_err();
    let waited = tokio::time::timeout(PATIENCE, asking).await.unwrap();
    assert_eq!(waited.unwrap().problem(), "view-behind");
    for collection in COLLECTIONS {
        for path in [
            format!("/{collection}"),
            format!("/{collection}/{}", order_id(0)),
        ] {
            let answer = get(&routes, &path).await;
            assert_eq!(answer.status.as_u16(), 503, "{path}");
            assert_ne!(answer.header("retry-after"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn an_order_in_quarantine_is_shown_as_it_stood_and_says_so() {
    let feed = Feed::of([histories::requested(fixtures::cash())]);
    feed.write(0, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    for collection in ["orders", "payments", "orderTraces"] {
        let answer = get(&routes(&store), &format!("/{collection}/{}", order_id(0))).await;
        assert_eq!(answer.header("etag"), "\"2\"");
        let body = answer.ok();
        assert_eq!(body["state"], "payment_requested");
        assert_eq!(body["quarantined"]["reason"], "unreadable");
        assert_eq!(body["quarantined"]["position"], at(&store, 3).to_string());
        let list = get(&routes(&store), &format!("/{collection}")).await.ok();
        assert_eq!(list["_embedded"][collection][0], listed(body));
    }
}

#[tokio::test]
async fn an_order_of_which_nothing_can_be_read_is_not_said_to_be_missing() {
    let feed = Feed::new();
    feed.write(0, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    for collection in COLLECTIONS {
        let answer = get(&routes(&store), &format!("/{collection}/{}", order_id(0))).await;
        assert_eq!(answer.problem(), "order-unreadable");
    }
}

#[tokio::test]
async fn a_header_asks_for_a_position_as_the_parameter_does() {
    let feed = Feed::of([histories::placed(fixtures::cash())]);
    let (_folder, store) = Folder::with(&feed);
    let routes = routes(&store);
    let asked = |path: &str, position: String| {
        Request::get(path.to_owned()).header("Ordertrace-After", position)
    };
    let (here, next) = (at(&store, 1).to_string(), at(&store, 2).to_string());
    let answer = send(&routes, asked("/orders", here.clone())).await;
    assert_eq!(answer.status.as_u16(), 200);
    for (path, position, kind) in [
        ("/orders", "nowhere".to_owned(), "invalid-request"),
        (
            &*format!("/orders?after={here}"),
            next.clone(),
            "invalid-request",
        ),
    ] {
        let answer = send(&routes, asked(path, position)).await;
        assert_eq!(answer.problem(), kind, "{path}");
    }
    let both = send(&routes, asked(&format!("/orders?after={here}"), here)).await;
    assert_eq!(both.status.as_u16(), 200);
    let archive = Arc::new(MemoryLog::new());
    let queries = Queries::new(store.clone(), archive, Arc::new(ManualClock::new()));
    let impatient = router(queries.with_after_wait_max(Duration::ZERO));
    let behind = send(&impatient, asked("/orders", next)).await;
    assert_eq!(behind.problem(), "view-behind");
}
