//! The order as it goes on.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    look::{page, shop},
    peer::{Page, Peer},
    story::{ID, REQUESTED, STARTED, Story, position},
};

const EVENT_STREAM: [(&str, &str); 1] = [("content-type", "text/event-stream")];

/// An API whose stream of the order says this, and then ends.
fn streaming(story: &Story, said: &str) -> Peer {
    let peer = shop(story);
    let stream = format!("GET /orderTraces/{ID}/stream");
    peer.with(stream, StatusCode::OK, &EVENT_STREAM, &json!(said));
    peer
}

async fn stream(peer: &Peer) -> Page {
    peer.get(&format!("{}/stream?lastEventId=a-9", page()))
        .await
}

/// The data of the messages of an event.
fn data_of(page: &Page, event: &str) -> Vec<String> {
    let messages = page.html.split("\n\n");
    let wanted = messages.filter(|message| {
        message
            .lines()
            .any(|line| line == format!("event: {event}"))
    });
    wanted
        .map(|message| {
            let lines = message
                .lines()
                .filter_map(|line| line.strip_prefix("data: "));
            lines.collect::<Vec<_>>().join("\n")
        })
        .collect()
}

#[tokio::test]
async fn a_message_is_the_page_after_its_event_under_the_same_id() {
    let at = position(2);
    let said = format!("id: {at}\nevent: trace\ndata: {{}}\n\n");
    let peer = streaming(&Story::of("cash", &REQUESTED), &said);
    let answer = stream(&peer).await;
    answer.has(&format!("id: {at}"));
    let parts = data_of(&answer, "trace");
    assert_eq!(parts.len(), 1);
    for part in [
        "id=\"order-head\"",
        "id=\"order-rewind\"",
        "id=\"order-body\"",
    ] {
        assert!(parts[0].contains(part), "{part}");
    }
    assert!(
        peer.call(&format!("GET /orderTraces/{ID}?"))
            .line
            .ends_with(&format!("after={at}"))
    );
}

#[tokio::test]
async fn of_events_that_come_together_only_the_newest_is_drawn() {
    let trace = |version| {
        let at = position(version);
        format!("id: {at}\nevent: trace\ndata: {{}}\n\n")
    };
    let closing = "event: closing\ndata: {}\n\n";
    let said = (3..=5).map(trace).collect::<String>() + closing;
    let peer = streaming(&Story::of("cash", &STARTED), &said);
    let answer = stream(&peer).await;
    assert_eq!(data_of(&answer, "trace").len(), 1);
    assert_eq!(data_of(&answer, "closing").len(), 1);
    let newest = position(5);
    answer
        .has(&format!("id: {newest}"))
        .has_no(&format!("id: {}", position(4)));
    let of_the_order = format!("GET /orderTraces/{ID}?");
    let calls = peer.calls();
    let drawn = calls
        .iter()
        .filter(|call| call.line.starts_with(&of_the_order));
    assert_eq!(drawn.count(), 1);
}

#[tokio::test]
async fn the_stream_goes_on_after_what_the_browser_has_seen() {
    let peer = streaming(&Story::of("cash", &REQUESTED), "");
    let api = format!("GET /orderTraces/{ID}/stream");
    stream(&peer).await;
    assert_eq!(peer.call(&api).header("last-event-id"), "a-9");
    let path = format!("{}/stream?lastEventId=a-9", page());
    let request = Request::get(path)
        .header("last-event-id", "a-11")
        .body(Body::empty());
    peer.send(request.unwrap()).await;
    assert_eq!(peer.call(&api).header("last-event-id"), "a-11");
}

#[tokio::test]
async fn what_is_no_event_of_the_order_is_handed_on() {
    let said = "event: closing\ndata: {\"reason\":\"shutdown\"}\n\n";
    let answer = stream(&streaming(&Story::of("cash", &STARTED), said)).await;
    assert_eq!(data_of(&answer, "closing"), ["{\"reason\":\"shutdown\"}"]);
}

#[tokio::test]
async fn news_that_can_not_be_drawn_have_the_page_loaded_anew() {
    let said = format!("id: {}\nevent: trace\ndata: {{}}\n\n", position(3));
    let peer = streaming(&Story::of("cash", &STARTED), &said);
    peer.with(
        format!("GET /orderTraces/{ID}"),
        StatusCode::OK,
        &[],
        &Value::from("no JSON"),
    );
    let answer = stream(&peer).await;
    assert_eq!(data_of(&answer, "trace").len(), 0);
    assert_eq!(data_of(&answer, "reset").len(), 1);
}

#[tokio::test]
async fn a_stream_that_the_api_refuses_is_refused() {
    let peer = shop(&Story::of("cash", &STARTED));
    let api = format!("GET /orderTraces/{ID}/stream");
    peer.refuses(&api, 429, "too-many-streams", "close one");
    let answer = stream(&peer).await;
    assert_eq!(answer.status, 429);
    answer.has("close one");
}
