//! Logging in, ordering, logging out: what somebody sees of it in a browser, and what is left there afterwards.

use fantoccini::key::Key;

use super::access::faults_of;
use super::axe::Axe;
use super::chromium::{Chromium, Complaint, Scripts, Tab};
use super::stage::{PLACE, order_on, until_live};
use crate::page::town::Town;

/// Types what one logs in with, and sends it as a keyboard does.
async fn log_in(tab: &Tab, key: &str) {
    tab.fill("#credential", key).await;
    tab.press(Key::Enter).await;
}

/// Where the tab is shown the log-in.
async fn until_asked(tab: &Tab) {
    tab.find("#credential").await;
    let path = tab.path().await;
    assert!(path.starts_with("/ui/login"), "{path}");
}

async fn place(tab: &Tab) -> String {
    tab.click("main a[href='/ui/orders/new']").await;
    for (field, value) in [
        ("productName", "Coffee"),
        ("productId", "1"),
        ("qty", "2"),
        ("price", "4.50"),
    ] {
        tab.fill(&format!("#line-0-{field}"), value).await;
    }
    tab.click(PLACE).await;
    order_on(tab).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_logs_in_orders_and_leaves_nothing_behind() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let town = Town::open(&[]).await;
    let (alice, id) = town.key("customer", "alice").await;
    let axe = Axe::ready();
    let tab = chromium.tab(Scripts::Run).await;
    let at = |path: &str| format!("http://{}{path}", town.page.addr);

    tab.go(&at("/ui/orders")).await;
    until_asked(&tab).await;
    let mut faults = faults_of(&axe, &tab, "the log-in").await;
    tab.assert_content().await;
    log_in(&tab, "ot_nobody").await;
    tab.find("#credential-error").await;
    faults.extend(faults_of(&axe, &tab, "the log-in that failed").await);
    // The one complaint is that of the refusal itself.
    let refused = tab.complaints().await;
    let is_401 = |it: &Complaint| matches!(it, Complaint::Refused { status: 401, .. });
    assert!(
        refused
            .iter()
            .all(|it| is_401(it) || it.is_of_the_network()),
        "{refused:?}"
    );
    log_in(&tab, &alice).await;
    tab.find("#log-out").await;
    assert_eq!(tab.path().await, "/ui/orders");
    until_live(&tab).await;
    faults.extend(faults_of(&axe, &tab, "a customer's orders").await);

    let order = place(&tab).await;
    until_live(&tab).await;
    tab.until("the saga's step is shown", async |tab| {
        let events = tab.texts("#timeline .event").await;
        events == ["OrderPlaced", "PaymentRequested"]
    })
    .await;
    assert_eq!(tab.count("#do-approve").await, 0);
    assert_eq!(tab.count("#confirm-cancel").await, 1);
    faults.extend(faults_of(&axe, &tab, "a customer's order").await);
    tab.assert_content().await;

    tab.click("#log-out").await;
    until_asked(&tab).await;
    tab.script("history.back();").await;
    tab.until("the way back leads to the log-in", async |tab| {
        let asked = tab.count("#credential").await == 1;
        asked && tab.path().await.contains("next=")
    })
    .await;
    assert!(!tab.texts("body").await.concat().contains("Coffee"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    log_in(&tab, &alice).await;
    tab.go(&at(&format!("/ui/orders/{order}"))).await;
    until_live(&tab).await;
    tab.complaints().await;
    town.keys.revoke(&id).await;
    // Nobody touches it: the stream ends, and the page asks to log in again by itself.
    until_asked_in_time(&tab).await;
    assert!(tab.path().await.contains(&order), "and leads back");
    tab.close().await;
}

async fn until_asked_in_time(tab: &Tab) {
    tab.until(
        "a page whose session has ended asks to log in",
        async |tab| tab.count("#credential").await == 1,
    )
    .await;
}
