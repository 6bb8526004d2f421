//! `/ui/orders/stream`: the list as it changes.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::{
    list::{ID, shop, trace},
    peer::Peer,
};

const EVENT_STREAM: [(&str, &str); 1] = [("content-type", "text/event-stream")];

/// An API whose stream says this, and then ends.
fn streaming(said: &str) -> Peer {
    let peer = Peer::default();
    peer.with(
        "GET /orderTraces/stream",
        StatusCode::OK,
        &EVENT_STREAM,
        &json!(said),
    );
    peer
}

#[tokio::test]
async fn a_row_comes_under_the_id_of_its_event_and_is_drawn_as_in_the_list() {
    let said = format!("id: a-9\nevent: trace\ndata: {}\n\n", trace("Coffee"));
    let answer = streaming(&said).get("/ui/orders/stream").await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    answer.has("id: a-9").has("event: trace");
    let sent: Vec<_> = answer
        .html
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    let listed = shop(&[trace("Coffee")], None).get("/ui/orders").await;
    listed.has(&sent.join("\n"));
    assert!(sent.join("").contains(&format!("id=\"order-{ID}\"")));
}

#[tokio::test]
async fn what_has_no_row_is_handed_on_as_it_is_and_in_its_order() {
    let said = "id: a-7\nevent: position\ndata: {\"position\":\"a-7\"}\nretry: 1000\n\n\
                : still here\n\n\
                id: a-8\nevent: removed\ndata: {\"orderId\":\"x\",\"position\":\"a-8\"}\n\n\
                id: a-9\nevent: reset\ndata: {\"position\":\"a-9\",\"reason\":\"too_far_behind\"}\n\n\
                event: closing\ndata: {\"reason\":\"shutdown\"}\n\n";
    let answer = streaming(said).get("/ui/orders/stream").await;
    let lines = |prefix: &str| -> Vec<String> {
        let found = answer
            .html
            .lines()
            .filter_map(|line| line.strip_prefix(prefix));
        found.map(str::to_owned).collect()
    };
    assert_eq!(
        lines("event: "),
        ["position", "removed", "reset", "closing"]
    );
    assert_eq!(lines("id: "), ["a-7", "a-8", "a-9"]);
    assert_eq!(
        lines("data: ")[1],
        "{\"orderId\":\"x\",\"position\":\"a-8\"}"
    );
}

#[tokio::test]
async fn an_id_without_a_message_moves_a_quiet_page_on() {
    let said =
        "id: a-7\nevent: position\ndata: {\"position\":\"a-7\"}\n\n: \nid: a-12\n\nretry: 1000\n\n";
    let answer = streaming(said).get("/ui/orders/stream?state=placed").await;
    let messages: Vec<_> = answer.html.split("\n\n").collect();
    let moved: Vec<_> = messages[1].lines().collect();
    for line in [
        "event: position",
        "data: {\"position\":\"a-12\"}",
        "id: a-12",
    ] {
        assert!(moved.contains(&line), "{line} in {moved:?}");
    }
    // What only says when to come back is no message.
    assert_eq!(answer.html.matches("data: ").count(), 2);
}

#[tokio::test]
async fn a_row_that_can_not_be_drawn_has_the_list_loaded_anew() {
    let answer = streaming("id: a-9\nevent: trace\ndata: {}\n\n")
        .get("/ui/orders/stream")
        .await;
    answer
        .has("event: reset")
        .has("id: a-9")
        .has_no("event: trace");
}

#[tokio::test]
async fn a_hostile_name_does_not_end_a_message() {
    let said = format!(
        "id: a-9\nevent: trace\ndata: {}\n\n",
        trace("a\r\n\r\nevent: reset\ndata: <b>")
    );
    let answer = streaming(&said).get("/ui/orders/stream").await;
    let events = answer
        .html
        .lines()
        .filter(|line| line.starts_with("event:"));
    assert_eq!(events.collect::<Vec<_>>(), ["event: trace"]);
    answer.has_no("<b>");
}

#[tokio::test]
async fn it_goes_on_after_what_the_browser_has_seen() {
    let peer = streaming("");
    peer.get("/ui/orders/stream?state=placed&sort=placedAt,asc&lastEventId=a-3")
        .await;
    let call = peer.call("GET /orderTraces/stream");
    assert_eq!(
        (call.line.as_str(), call.header("last-event-id")),
        ("GET /orderTraces/stream?state=placed", "a-3")
    );
    // A browser that reconnects by itself says it in a header, which is newer than the address.
    let request = Request::get("/ui/orders/stream?lastEventId=a-3").header("last-event-id", "a-5");
    peer.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        peer.call("GET /orderTraces/stream").header("last-event-id"),
        "a-5"
    );
}

#[tokio::test]
async fn a_stream_that_the_api_refuses_is_refused() {
    let peer = Peer::default();
    let body = json!({ "type": "urn:ordertrace:problem:too-many-streams", "title": "Too many streams", "detail": "close one" });
    let headers = [("retry-after", "7")];
    peer.with(
        "GET /orderTraces/stream",
        StatusCode::TOO_MANY_REQUESTS,
        &headers,
        &body,
    );
    let answer = peer.get("/ui/orders/stream").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (429, "7")
    );
    answer.has("Too many streams: close one");
}

#[tokio::test]
async fn a_page_says_from_where_on_it_is_to_be_followed() {
    let page = shop(&[trace("Coffee")], None)
        .get("/ui/orders?state=placed&after=a-9")
        .await;
    page.has("data-stream=\"/ui/orders/stream?state=placed\"")
        .has("data-position=\"a-9\"")
        .has("data-takes-new");
    let second = shop(&[trace("Coffee")], None)
        .get("/ui/orders?cursor=ab")
        .await;
    second.has("data-stream=").has_no("data-takes-new");
    let oldest_first = shop(&[trace("Coffee")], None)
        .get("/ui/orders?sort=placedAt,asc")
        .await;
    oldest_first.has_no("data-takes-new");
}
