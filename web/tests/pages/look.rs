//! `/ui/orders/{id}`: what is shown of an order.

use serde_json::json;

use crate::{
    peer::Peer,
    story::{ID, REQUESTED, STARTED, Story, position},
};

/// An API that knows this order, and nothing else.
pub(crate) fn shop(story: &Story) -> Peer {
    let peer = Peer::default();
    peer.answers(format!("GET /orderTraces/{ID}"), &story.trace())
        .answers(format!("GET /orderTraces/{ID}/events"), &story.events());
    peer
}

pub(crate) fn page() -> String {
    format!("/ui/orders/{ID}")
}

#[tokio::test]
async fn the_timeline_tells_what_happened_when_by_whom_and_because_of_what() {
    let page = shop(&Story::of("cash", &STARTED)).get(&page()).await;
    assert_eq!(page.status, 200);
    page.has("<strong class=\"event\">DeliveryStarted</strong>")
        .has("by <bdi>system · saga</bdi>")
        .has("because of <a href=\"#v4\">DeliveryPrepared v4</a>")
        .has("<span class=\"delta quiet\">+1.0 s</span>")
        .has("&#34;step&#34;: 5")
        .has(&format!("data-copy=\"{:064}\"", 5))
        .has("Coffee and 1 more")
        .has("15.00");
}

#[tokio::test]
async fn a_change_is_told_where_the_state_does_not_say_it_already() {
    let called_back = (
        "DeliveryCancelled",
        "cancelling",
        "payment_approved",
        "delivery_cancelled",
        Some(5),
    );
    let steps = [&STARTED[..], &[called_back]].concat();
    let page = shop(&Story::of("cash", &steps)).get(&page()).await;
    page.has("· delivery cancelled")
        .has_no("· delivery started")
        .has_no("· payment not requested");
}

#[tokio::test]
async fn what_went_wrong_is_told_without_a_look_into_the_payload() {
    let failed = (
        "DeliveryFailed",
        "delivery_failed",
        "payment_approved",
        "delivery_failed",
        None,
    );
    let steps = [&STARTED[..], &[failed]].concat();
    let page = shop(&Story::of("cash", &steps)).get(&page()).await;
    page.has("<p class=\"happening-why\"><bdi>nobody home</bdi></p>");
}

#[tokio::test]
async fn the_stream_goes_on_from_where_the_page_stands() {
    let page = shop(&Story::of("cash", &STARTED)).get(&page()).await;
    page.has(&format!("data-stream=\"/ui/orders/{ID}/stream\""))
        .has("data-position=\"a-9\"");
}

#[tokio::test]
async fn the_diagram_marks_the_way_and_the_present_state() {
    let page = shop(&Story::of("cash", &STARTED)).get(&page()).await;
    page.has("class=\"step is-taken\" data-step=\"payment_requested payment_approved\"")
        .has("class=\"step\" data-step=\"payment_requested payment_submitted\"")
        .has("class=\"state kind-flow is-visited is-present\" data-state=\"delivery_started\"")
        .has("The order is in the state On the way. It went: Placed (version 1), then");
}

#[tokio::test]
async fn names_can_not_be_html() {
    let hostile = "<script>alert(1)</script>\u{202e}\" onload=\"x";
    let lines = json!([{ "productId": 1, "productName": hostile, "qty": 1, "cost": 5 }]);
    let story = Story::of("cash", &REQUESTED)
        .with("lines", lines)
        .with("customerId", json!(hostile));
    let page = shop(&story).get(&page()).await;
    page.has_no("<script>alert")
        .has_no("onload=\"x")
        .has("<bdi>&#60;script&#62;alert(1)");
}

#[tokio::test]
async fn an_order_in_quarantine_says_so_and_offers_nothing() {
    let quarantined = json!({ "position": position(3), "reason": "broken_link" });
    let story = Story::of("cash", &REQUESTED).with("quarantined", quarantined);
    let page = shop(&story).get(&page()).await;
    page.has("This order is in quarantine.")
        .has("broken link")
        .has_no("/actions/");
}

#[tokio::test]
async fn a_stuck_order_shows_what_to_do_about_it() {
    let peer = shop(&Story::of("cash", &STARTED));
    let case =
        json!({ "stuck": true, "reason": "refund_failed", "advice": "Mend it at the provider." });
    peer.answers(format!("GET /ops/stuck/{ID}"), &case);
    peer.get(&page())
        .await
        .has("This order is stuck. The money did not go back.")
        .has("Mend it at the provider.");
}

#[tokio::test]
async fn one_that_is_not_stuck_says_nothing_of_it() {
    let peer = shop(&Story::of("cash", &STARTED));
    let case = json!({ "stuck": false, "advice": "Nothing to do." });
    peer.answers(format!("GET /ops/stuck/{ID}"), &case);
    peer.get(&page()).await.has_no("Nothing to do.");
}

#[tokio::test]
async fn without_the_log_the_timeline_still_stands() {
    let peer = shop(&Story::of("cash", &STARTED));
    let events = format!("GET /orderTraces/{ID}/events");
    peer.refuses(&events, 503, "log-unavailable", "out of reach");
    peer.get(&page())
        .await
        .has("PaymentApproved")
        .has("The log is out of reach just now")
        .has_no("rewind-version");
}

#[tokio::test]
async fn a_view_that_is_behind_is_shown_as_it_is_and_says_so() {
    let peer = shop(&Story::of("cash", &REQUESTED));
    let behind = format!("GET /orderTraces/{ID}?after=a-12");
    peer.refuses(&behind, 503, "view-behind", "not there yet");
    let page = peer.get(&format!("{}?after=a-12", page())).await;
    assert_eq!(page.status, 200);
    page.has("The view is behind.").has("PaymentRequested");
}

#[tokio::test]
async fn an_order_that_is_not_there_is_404() {
    let page = Peer::default().get(&page()).await;
    assert_eq!(page.status, 404);
    page.has("<h1 id=\"failure-title\">There is nothing here</h1>")
        .has("The address is wrong, or what was here is not yours to see.")
        .has_no("there is nothing here");
    assert_eq!(Peer::default().get("/ui/orders/no-id").await.status, 404);
}

#[tokio::test]
async fn nothing_on_the_page_is_inline() {
    let page = shop(&Story::of("cash", &STARTED)).get(&page()).await;
    page.has_no(" style=").has_no("<style").has_no("hx-on");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
}
