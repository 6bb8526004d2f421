//! The order as it stood.

use crate::{
    look::{page, shop},
    peer::Peer,
    story::{ID, STARTED, Story, position},
};

/// An API that knows the order now, and as it stood at its second event.
fn shop_with_a_past() -> Peer {
    let peer = shop(&Story::of("cash", &STARTED));
    let past = Story::of("cash", &STARTED[..2]).trace();
    peer.answers(format!("GET /orderTraces/{ID}?asOf={}", position(2)), &past);
    peer
}

fn past_page() -> String {
    format!("{}?asOf={}", page(), position(2))
}

#[tokio::test]
async fn the_past_says_that_it_is_one_and_offers_nothing_to_do() {
    let page = shop_with_a_past().get(&past_page()).await;
    page.has("<strong>As of v2</strong>")
        .has(&format!("<a href=\"/ui/orders/{ID}\">back to now</a>"))
        .has("PaymentRequested")
        .has_no("DeliveryStarted</strong>")
        .has_no("/actions/")
        .has("data-past");
}

#[tokio::test]
async fn the_slider_reaches_the_present_from_the_past() {
    let page = shop_with_a_past().get(&past_page()).await;
    page.has("min=\"1\" max=\"5\" step=\"1\" value=\"2\"");
}

#[tokio::test]
async fn every_event_leads_to_the_order_as_it_stood_there() {
    let page = shop_with_a_past().get(&page()).await;
    for version in 1..=5 {
        page.has(&format!(
            "href=\"/ui/orders/{ID}?asOf={}\"",
            position(version)
        ));
    }
}

#[tokio::test]
async fn a_script_that_slides_gets_the_page_and_its_lasting_address() {
    let page = shop_with_a_past()
        .get_part(&format!("{}?version=2", page()))
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("hx-push-url"), past_page());
    page.has("<strong>As of v2</strong>");
}

#[tokio::test]
async fn without_a_script_the_slider_leads_to_the_same_address() {
    let page = shop_with_a_past()
        .get(&format!("{}?version=2", page()))
        .await;
    assert_eq!(
        (page.status.as_u16(), page.header("location")),
        (303, past_page().as_str())
    );
}

#[tokio::test]
async fn the_newest_version_is_the_present() {
    let now = shop_with_a_past()
        .get_part(&format!("{}?version=5", page()))
        .await;
    assert_eq!(now.header("hx-push-url"), page());
    now.has("/actions/complete").has_no("data-past");
}

#[tokio::test]
async fn nobody_asks_what_to_do_about_the_past() {
    let peer = shop_with_a_past();
    peer.get(&past_page()).await;
    assert!(peer.calls().iter().all(|call| !call.line.contains("/ops/")));
}
