//! The page in a browser that runs no scripts: it can do all that it can do with them, but for what moves by itself.

use super::chromium::{Scripts, Tab};
use super::stage::{PLACE, Stage, order_on, timeline};

#[tokio::test]
async fn an_order_is_placed_approved_and_looked_back_at_without_scripts() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let tab = stage.chromium.tab(Scripts::Blocked).await;
    tab.go(&stage.page("/ui/orders")).await;
    let runs = "return document.documentElement.classList.contains('js');";
    assert_eq!(tab.script(runs).await, false);
    tab.click("main a[href='/ui/orders/new']").await;

    fill_two_lines(&tab).await;
    tab.click(PLACE).await;
    let order = order_on(&tab).await;
    reload_until(&stage, &tab, &order, 2).await;
    tab.click("#do-approve").await;
    reload_until(&stage, &tab, &order, 5).await;
    let lines = tab.texts(".lines tbody tr").await;
    assert_eq!(lines.len(), 2, "{lines:?}");

    look_back(&tab).await;
    tab.go(&stage.page("/ui/orders?state=delivery_started"))
        .await;
    tab.find(&format!("#order-{order}")).await;
    tab.go(&stage.page("/ui/ops")).await;
    assert!(tab.count(".ops-card").await >= 4);
    tab.assert_content().await;
    tab.close().await;
}

/// A line more than the form has at first: without scripts the server draws it.
async fn fill_two_lines(tab: &Tab) {
    fill_line(tab, 0, "Coffee", "4.50").await;
    tab.click("button[value='add-line']").await;
    fill_line(tab, 1, "Cake", "6").await;
    let kept = tab.attributes("#line-0-productName", "value").await;
    assert_eq!(kept, ["Coffee"]);
}

async fn fill_line(tab: &Tab, line: usize, name: &str, price: &str) {
    let number = (line + 1).to_string();
    for (field, value) in [
        ("productName", name),
        ("productId", &number),
        ("qty", "1"),
        ("price", price),
    ] {
        tab.fill(&format!("#line-{line}-{field}"), value).await;
    }
}

/// Loads the order's page until its timeline has so many events, as a reader does who is told nothing.
async fn reload_until(stage: &Stage, tab: &Tab, order: &str, events: usize) {
    let page = stage.page(&format!("/ui/orders/{order}"));
    tab.until("the timeline has grown", async |tab| {
        tab.go(&page).await;
        timeline(tab).await.len() == events
    })
    .await;
}

async fn look_back(tab: &Tab) {
    tab.click("#v1 .happening-past").await;
    tab.until("the page shows the past", async |tab| {
        timeline(tab).await == ["OrderPlaced"]
    })
    .await;
    assert_eq!(tab.count(".order-actions").await, 0);
    tab.click("#rewind-note a").await;
    tab.until("the page shows the present", async |tab| {
        timeline(tab).await.len() == 5
    })
    .await;
}
