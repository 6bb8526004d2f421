//! Looking at parked messages.

use std::time::Duration;

use ordertrace_domain::{
    EventLog, Parked, Parking, Position, Sequence,
    testing::fixtures::{self, histories},
};
use serde_json::{Value, json};

use crate::desk::Desk;

fn ids(page: &Value) -> Vec<&str> {
    let letters = page["_embedded"]["deadLetters"].as_array();
    let letters = letters.expect("a list").iter();
    letters.filter_map(|letter| letter["id"].as_str()).collect()
}

fn next_of(page: &Value) -> Option<&str> {
    page["_links"]["next"]["href"].as_str()
}

/// The names of all messages, page by page.
async fn pages(desk: &Desk, first: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let page = desk.get(&at).await.ok();
        assert_eq!(page["_links"]["self"]["href"], at);
        pages.push(ids(&page).into_iter().map(str::to_owned).collect());
        path = next_of(&page).map(str::to_owned);
        assert!(pages.len() < 1_000, "the pages have no end");
    }
    pages
}

/// A desk with so many parked messages, of which every tenth still waits.
async fn mostly_discarded(count: u64) -> Desk {
    let desk = Desk::new();
    for sequence in 1..=count {
        desk.park(sequence, None).await;
        if sequence % 10 != 0 {
            let body = json!({ "reason": "a test" });
            let path = format!("/ops/dlq/saga.{sequence}/discard");
            desk.post_json(path, &body).await.ok();
        }
    }
    desk
}

#[tokio::test]
async fn a_parked_message_is_shown_with_all_that_is_known_of_it() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.later(Duration::from_secs(5));
    desk.park(1, Some(order)).await;
    let position = Position {
        incarnation: desk.log.incarnation(),
        sequence: Sequence::new(1),
    };
    let expected = json!({
        "id": "saga.1",
        "consumer": "saga",
        "position": position.to_string(),
        "orderId": order.to_string(),
        "reason": "StartDelivery is refused",
        "attempts": 3,
        "parkedAt": "2023-11-14T22:13:25.000000Z",
        "status": "waiting",
        "_links": {
            "self": { "href": "/ops/dlq/saga.1" },
            "retry": { "href": "/ops/dlq/saga.1/retry" },
            "discard": { "href": "/ops/dlq/saga.1/discard" },
            "orderTrace": { "href": format!("/orderTraces/{order}") },
            "stuckOrder": { "href": format!("/ops/stuck/{order}") },
        },
    });
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok(), expected);
    let page = desk.get("/ops/dlq").await.ok();
    assert_eq!(page["_embedded"]["deadLetters"], json!([expected]));
    assert_eq!(page["_links"], json!({ "self": { "href": "/ops/dlq" } }));
}

#[tokio::test]
async fn a_timer_is_shown_with_its_number_and_not_with_a_position_in_the_log() {
    let desk = Desk::new();
    let timer = Parked {
        sequence: Sequence::new(7),
        order_id: None,
        consumer: "saga-timers-05".to_owned(),
        reason: "the subject names no timer".to_owned(),
        attempts: 1,
    };
    desk.log.park(timer).await.expect("the log takes it");
    let letter = desk.get("/ops/dlq/saga-timers-05.7").await.ok();
    assert_eq!(letter["timerSequence"], 7);
    assert_eq!(letter.get("position"), None);
    let page = desk.get("/ops/dlq").await.ok();
    assert_eq!(page["_embedded"]["deadLetters"], json!([letter]));
}

#[tokio::test]
async fn a_message_of_no_order_has_no_link_to_retry_it() {
    let desk = Desk::new();
    desk.park(7, None).await;
    let letter = desk.get("/ops/dlq/saga.7").await.ok();
    assert_eq!(letter["orderId"], Value::Null);
    let links = letter["_links"].as_object().expect("links");
    let names: Vec<_> = links.keys().map(String::as_str).collect();
    assert_eq!(names, ["discard", "self"]);
}

#[tokio::test]
async fn the_list_shows_what_waits_unless_another_status_is_asked_for() {
    let desk = Desk::new();
    let order = desk.order(histories::placed(fixtures::cash())).await;
    for sequence in 1..=3 {
        desk.park(sequence, Some(order)).await;
    }
    desk.post("/ops/dlq/saga.1/retry").await.accepted();
    let reason = json!({ "reason": "a test" });
    desk.post_json("/ops/dlq/saga.2/discard", &reason)
        .await
        .ok();
    for (status, expected) in [
        ("", vec!["saga.3"]),
        ("?status=waiting", vec!["saga.3"]),
        ("?status=retried", vec!["saga.1"]),
        ("?status=discarded", vec!["saga.2"]),
        ("?status=all", vec!["saga.3", "saga.1", "saga.2"]),
    ] {
        let page = desk.get(format!("/ops/dlq{status}")).await.ok();
        assert_eq!(ids(&page), expected, "{status}");
    }
}

#[tokio::test]
async fn following_the_pages_shows_each_message_once() {
    let desk = Desk::new();
    for sequence in 1..=23 {
        desk.park(sequence, None).await;
    }
    let pages = pages(&desk, "/ops/dlq?status=all&limit=5").await;
    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [5, 5, 5, 5, 3]);
    let expected: Vec<_> = (1..=23).map(|number| format!("saga.{number}")).collect();
    assert_eq!(pages.concat(), expected);
}

#[tokio::test]
async fn no_message_is_lost_between_those_that_are_passed_over() {
    let desk = mostly_discarded(260).await;
    let expected: Vec<_> = (1..=26)
        .map(|tenth| format!("saga.{}", tenth * 10))
        .collect();
    for limit in [1, 7, 200] {
        let pages = pages(&desk, &format!("/ops/dlq?limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{limit}");
        assert_eq!(pages.concat(), expected, "{limit}");
    }
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_messages_and_says_where_to_go_on() {
    let desk = Desk::new();
    for sequence in 1..=1_001 {
        desk.park(sequence, None).await;
    }
    let page = desk.get("/ops/dlq?status=discarded").await.ok();
    assert_eq!(ids(&page), Vec::<&str>::new());
    let next = next_of(&page).expect("there are more to look at");
    let last = desk.get(next).await.ok();
    assert_eq!(next_of(&last), None);
}

#[tokio::test]
async fn a_message_that_is_decided_on_meanwhile_is_not_lost() {
    let desk = Desk::new();
    for sequence in 1..=4 {
        desk.park(sequence, None).await;
    }
    let page = desk.get("/ops/dlq?status=all&limit=2").await.ok();
    assert_eq!(ids(&page), ["saga.1", "saga.2"]);
    let reason = json!({ "reason": "a test" });
    desk.post_json("/ops/dlq/saga.3/discard", &reason)
        .await
        .ok();
    let rest = desk.get(next_of(&page).expect("more")).await.ok();
    assert_eq!(ids(&rest), ["saga.4", "saga.3"]);
}
