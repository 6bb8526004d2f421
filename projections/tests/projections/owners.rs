//! What a customer reaches: another's order is answered as one that there is not, whatever is asked of it.

use axum::{
    Router,
    http::{Request, header},
};
use ordertrace_domain::{
    CustomerId, Event, OrderLines, PlaceOrder,
    testing::fixtures::{self, events, histories},
};
use rstest::rstest;
use serde_json::Value;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{Answer, get, routes_of, routes_with, send},
    live::at,
    live_stream::Site,
};

/// Nobody has placed it.
pub(crate) const MISSING: u64 = 4_711;

/// This customer's order, that happened to it.
pub(crate) fn of_customer(name: &str, mut happened: Vec<Event>) -> Vec<Event> {
    let customer = CustomerId::parse(name).unwrap();
    let lines = OrderLines::new(vec![fixtures::line(1, "Coffee", 2, 1_000)]).unwrap();
    let placed = PlaceOrder::new(customer, fixtures::euro(), lines, None, fixtures::cash());
    happened[0] = events::order_placed_as(placed.unwrap());
    happened
}

/// An order of alice's, its goods ready.
pub(crate) fn prepared(name: &str) -> Vec<Event> {
    of_customer(name, histories::prepared(fixtures::cash()))
}

/// Everything that can be asked of one order.
fn questions() -> Vec<String> {
    let plain = [
        "/orders/{id}",
        "/payments/{id}",
        "/deliveries/{id}",
        "/orderTraces/{id}",
        "/orderTraces/{id}/events",
        "/orderTraces/search/findByOrderId?orderId={id}",
        "/orderTraces/{id}?asOf=2023-11-14T22:13:22Z",
        "/orderTraces/{id}?asOf=2999-01-01T00:00:00Z",
    ];
    let at_a_position = [
        format!("/orderTraces/{{id}}?asOf={}", at(1)),
        format!("/orderTraces/{{id}}/events?after={}", at(1)),
    ];
    plain
        .map(str::to_owned)
        .into_iter()
        .chain(at_a_position)
        .collect()
}

/// Takes out by what name somebody of the shop acted, which is not the customer's to know.
fn unnamed(body: &mut Value) {
    for list in ["timeline", "events"] {
        let entries = body.get_mut(list).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten() {
            let name = entry["actor"].as_object_mut().unwrap().remove("id");
            assert_eq!(name.unwrap(), "operator");
        }
    }
}

async fn ask(routes: &Router, question: &str, order: u64) -> Answer {
    get(
        routes,
        &question.replace("{id}", &order_id(order).to_string()),
    )
    .await
}

#[tokio::test]
async fn anothers_order_is_answered_like_a_missing_one() {
    let feed = Feed::of([prepared("alice")]);
    let (_folder, store) = Folder::with(&feed);
    let (alice, bob) = (
        routes_of(&store, &feed, "alice"),
        routes_of(&store, &feed, "bob"),
    );
    for question in questions() {
        let mut own = ask(&alice, &question, 0).await;
        let mut everybodys = ask(&routes_with(&store, &feed), &question, 0).await;
        unnamed(&mut everybodys.body);
        for answer in [&mut own, &mut everybodys] {
            answer.headers.remove(header::CONTENT_LENGTH);
        }
        assert_eq!(
            (own.status.as_u16(), &own),
            (200, &everybodys),
            "{question}"
        );
        let missing = ask(&bob, &question, MISSING).await;
        assert_eq!(missing.problem(), "not-found", "{question}");
        assert_eq!(ask(&bob, &question, 0).await, missing, "{question}");
    }
}

#[rstest]
#[case("If-None-Match", "\"4\"")]
#[case("If-None-Match", "*")]
#[case("If-Match", "\"4\"")]
#[case("Accept", "text/html")]
#[case("Ordertrace-After", "nowhere")]
#[tokio::test]
async fn no_header_tells_anothers_order_from_a_missing_one(
    #[case] name: &str,
    #[case] value: &str,
) {
    let feed = Feed::of([prepared("alice")]);
    let (_folder, store) = Folder::with(&feed);
    let bob = routes_of(&store, &feed, "bob");
    for question in questions() {
        let asked = |order: u64| {
            let path = question.replace("{id}", &order_id(order).to_string());
            send(&bob, Request::get(path).header(name, value))
        };
        assert_eq!(asked(0).await, asked(MISSING).await, "{question}");
    }
}

#[tokio::test]
async fn a_damaged_order_is_its_owners_and_one_that_never_could_be_read_is_nobodys() {
    let feed = Feed::of([prepared("alice")]);
    feed.write(0, b"no envelope");
    feed.write(1, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let alice = routes_of(&store, &feed, "alice");
    let own = ask(&alice, "/orders/{id}", 0).await.ok();
    assert_eq!(own["quarantined"]["reason"], "unreadable");
    let own = ask(&alice, "/orderTraces/{id}/events", 0).await;
    assert_eq!(own.problem(), "order-unreadable");
    let bob = routes_of(&store, &feed, "bob");
    for question in questions() {
        let missing = ask(&bob, &question, MISSING).await;
        assert_eq!(ask(&bob, &question, 0).await, missing, "{question}");
        assert_eq!(ask(&bob, &question, 1).await, missing, "{question}");
        assert_eq!(ask(&alice, &question, 1).await, missing, "{question}");
    }
}

#[tokio::test]
async fn the_log_is_not_asked_about_anothers_order() {
    let feed = Feed::of([prepared("alice")]);
    let (_folder, store) = Folder::with(&feed);
    feed.log.unavailable(true);
    let question = "/orderTraces/{id}/events";
    let alice = routes_of(&store, &feed, "alice");
    assert_eq!(ask(&alice, question, 0).await.problem(), "log-unavailable");
    let bob = routes_of(&store, &feed, "bob");
    for order in [0, MISSING] {
        assert_eq!(ask(&bob, question, order).await.problem(), "not-found");
    }
}

#[tokio::test]
async fn the_stream_of_anothers_order_is_that_of_a_missing_one() {
    let feed = Feed::of([prepared("alice")]);
    feed.write(1, b"no envelope");
    let (_folder, store) = Folder::with(&feed);
    let site = Site::of_customer(&store, &feed, "bob");
    for resumed in ["", "?lastEventId={at}", "?after={at}"] {
        let path = format!(
            "/orderTraces/{{id}}/stream{}",
            resumed.replace("{at}", &at(2))
        );
        let missing = ask(&site.routes, &path, MISSING).await;
        assert_eq!(missing.problem(), "not-found");
        for order in [0, 1] {
            assert_eq!(ask(&site.routes, &path, order).await, missing, "{path}");
        }
    }
}

#[tokio::test]
async fn an_order_that_the_view_does_not_have_yet_is_missing_to_everybody_until_it_does() {
    let feed = Feed::new();
    let folder = Folder::new();
    let store = folder.open(feed.head_now());
    let placed = of_customer("alice", histories::placed(fixtures::cash()));
    feed.write_all(0, Tip::NONE, placed);
    let alice = routes_of(&store, &feed, "alice");
    for question in ["/orders/{id}", "/orderTraces/{id}/events"] {
        assert_eq!(ask(&alice, question, 0).await.problem(), "not-found");
    }
    store.commit(&feed.items()).unwrap();
    for question in ["/orders/{id}", "/orderTraces/{id}/events"] {
        ask(&alice, question, 0).await.ok();
    }
}
