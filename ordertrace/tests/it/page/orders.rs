//! What customers do on the page, and what they see of each other: nothing.

use reqwest::Method;
use tokio::time::timeout;

use super::{
    browser::{COFFEE, Page},
    town::Town,
};
use crate::harness::{PATIENCE, wait_until};

/// A page, but for the id of the order that it is about and of the request that asked for it.
fn without_ids(page: &Page, order: &str) -> (u16, String) {
    let html = page.html.replace(order, "");
    let (before, after) = html.split_once("Request <code>").unwrap();
    let (_, after) = after.split_once("</code>").unwrap();
    (page.status, format!("{before}{after}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_places_an_order_sees_it_live_and_nobody_else_does() {
    let town = Town::open(&[]).await;
    let (alice, _) = town.key("customer", "alice").await;
    let (bob, _) = town.key("customer", "bob").await;
    let (desk, _) = town.key("operator", "desk").await;
    let mut alice = town.logged_in(&alice).await;
    let mut bob = town.logged_in(&bob).await;

    let live = alice.ask(Method::GET, "/ui/orders/stream", &[], None).await;
    let bobs = bob.ask(Method::GET, "/ui/orders/stream", &[], None).await;
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    let (order, page) = alice.place().await;
    until_told(live, &format!("id=\"order-{order}\"")).await;

    let seen = alice.get(&page).await;
    assert_eq!(seen.status, 200, "{}", seen.html);
    seen.has("<bdi>Coffee</bdi>")
        .has("customer · apikey:alice")
        .has("/actions/cancel\"")
        .has_no("/actions/approve\"");
    let list = alice.get("/ui/orders").await;
    list.has(&format!("id=\"order-{order}\""))
        .has_no("chip-all");

    bob.get("/ui/orders").await.has_no(&order);
    let anothers = bob.get(&format!("/ui/orders/{order}")).await;
    let none = "0bff1311-4371-507b-bccd-aa96e86ad0f3";
    let missing = bob.get(&format!("/ui/orders/{none}")).await;
    assert_eq!(missing.status, 404);
    assert_eq!(without_ids(&anothers, &order), without_ids(&missing, none));
    let csrf = bob.csrf().await;
    let form = format!("csrf={csrf}&key=k&version=2");
    for id in [order.as_str(), none] {
        let act = format!("/ui/orders/{id}/actions/cancel");
        assert_eq!(bob.post(&act, &form).await.status, 404);
        let stream = format!("/ui/orders/{id}/stream");
        assert_eq!(bob.get(&stream).await.status, 404);
    }

    let mut desk = town.logged_in(&desk).await;
    let path = format!("/ui/orders/{order}");
    let approve = wait_until("the payment was asked for", PATIENCE, async || {
        let page = desk.get(&path).await;
        page.html.contains("/actions/approve\"").then_some(page)
    });
    let approve = approve.await;
    let (csrf, version) = (approve.csrf(), approve.field("version"));
    let form = format!("csrf={csrf}&key=k-1&version={version}");
    let done = desk.post(&format!("{path}/actions/approve"), &form).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let seen = wait_until("the customer sees it", PATIENCE, async || {
        let page = alice.get(&path).await;
        page.html.contains("PaymentApproved").then_some(page)
    });
    seen.await.has_no("apikey:desk");
    // Nothing of it was told to the other customer.
    drop(town);
    let told = timeout(PATIENCE, bobs.text()).await.unwrap();
    assert!(!told.unwrap_or_default().contains(&order));
}

/// Reads a stream until it has told this.
async fn until_told(mut stream: reqwest::Response, text: &str) {
    let mut told = String::new();
    let read = timeout(PATIENCE, async {
        while !told.contains(text) {
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            told += &String::from_utf8_lossy(&chunk);
        }
    });
    assert!(read.await.is_ok(), "{text} is not told");
}

#[tokio::test]
async fn a_form_that_is_not_of_this_session_and_this_site_appends_nothing() {
    let town = Town::open(&[]).await;
    let (alice, _) = town.key("customer", "alice").await;
    let mut other = town.logged_in(&alice).await;
    let others_token = other.csrf().await;
    let mut alice = town.logged_in(&alice).await;
    let token = alice.csrf().await;
    let forms = [
        format!("{COFFEE}&key=k"),
        format!("{COFFEE}&key=k&csrf="),
        format!("{COFFEE}&key=k&csrf={others_token}"),
        format!("{COFFEE}&key=k&csrf={token}&csrf={token}"),
    ];
    for form in &forms {
        let refused = alice.post("/ui/orders/new", form).await;
        assert_eq!(refused.status, 403, "{form}");
        refused.has("<h1").has("Load the page again");
    }
    let form = format!("{COFFEE}&key=k&csrf={token}");
    for from in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let refused = alice
            .send(Method::POST, "/ui/orders/new", &[from], Some(&form))
            .await;
        assert_eq!(refused.status, 403, "{from:?}");
    }
    assert!(town.log().await.orders.is_empty());
    let placed = alice.post("/ui/orders/new", &form).await;
    assert_eq!(placed.status, 303, "{}", placed.html);
    assert_eq!(town.log().await.orders.len(), 1);
}

#[tokio::test]
async fn a_courier_starts_what_is_ready_and_sees_no_order() {
    let town = Town::open(&[]).await;
    let (van, _) = town.key("courier", "van-7").await;
    let mut van = town.logged_in(&van).await;
    let home = van.get("/ui/orders").await;
    assert_eq!(home.header("location"), "/ui/deliveries");
    van.get("/ui/deliveries")
        .await
        .has("Nothing is ready to go");
    assert_eq!(van.get("/ui/orders/new").await.status, 403);
    assert_eq!(van.get("/ui/ops").await.status, 403);
    let none = "/ui/orders/0bff1311-4371-507b-bccd-aa96e86ad0f3";
    van.get(none).await.has("may not see or do this");
}
