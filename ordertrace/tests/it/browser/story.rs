//! One order, from the form to the end of its log, watched by two browsers of which nobody reloads a page.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::chromium::{Complaint, Scripts, Tab};
use super::stage::{PLACE, Stage, heard, listen, order_on, timeline, until_badge, until_live};
use crate::harness::{LogReader, PATIENCE, cash_order, wait_until};

/// What is in the log of a cash order that was approved.
const APPROVED: [&str; 5] = [
    "OrderPlaced",
    "PaymentRequested",
    "PaymentApproved",
    "DeliveryPrepared",
    "DeliveryStarted",
];

#[tokio::test]
async fn an_order_is_seen_at_once_by_whoever_looks_and_without_a_gap_after_a_broken_connection() {
    let Some(stage) = Stage::set(&[]).await else {
        return;
    };
    let (reader, clerk) = tokio::join!(opened(&stage), opened(&stage));

    reader.go(&stage.proxied("/ui/orders")).await;
    until_live(&reader).await;
    mark(&reader).await;
    let order = place(&stage, &clerk).await;
    reader.find(&format!("#order-{order}")).await;
    assert_unchanged(&reader).await;

    reader
        .click(&format!("#order-{order} a[href$='{order}']"))
        .await;
    assert_eq!(order_on(&reader).await, order);
    until_live(&reader).await;
    mark(&reader).await;
    until_timeline(&reader, &APPROVED[..2]).await;
    clerk.click("#do-approve").await;
    until_timeline(&reader, &APPROVED).await;
    assert_unchanged(&reader).await;

    clerk.go(&stage.proxied("/ui/orders")).await;
    until_live(&clerk).await;
    mark(&clerk).await;
    reader.assert_content().await;
    clerk.assert_content().await;
    cut_and_resume(&stage, &reader, &clerk, &order).await;
    look_back(&reader, &order).await;

    reader.assert_content().await;
    clerk.assert_content().await;
    reader.close().await;
    clerk.close().await;
}

async fn opened(stage: &Stage) -> Tab {
    let tab = stage.chromium.tab(Scripts::Run).await;
    listen(&tab).await;
    tab
}

/// Leaves a mark on the page that a reload would wipe out.
async fn mark(tab: &Tab) {
    tab.script("window.marked = true;").await;
}

async fn assert_unchanged(tab: &Tab) {
    let marked = tab.script("return window.marked === true;").await;
    assert_eq!(marked, true, "the page was loaded anew");
}

/// Places an order in the form, and gives its id.
async fn place(stage: &Stage, clerk: &Tab) -> String {
    clerk.go(&stage.proxied("/ui/orders/new")).await;
    clerk.fill("#line-0-productName", "Coffee").await;
    clerk.fill("#line-0-productId", "1").await;
    clerk.fill("#line-0-qty", "2").await;
    clerk.fill("#line-0-price", "4.50").await;
    clerk.click(PLACE).await;
    order_on(clerk).await
}

async fn until_timeline(tab: &Tab, expected: &[&str]) {
    let mut shown = Vec::new();
    let found = tokio::time::timeout(
        PATIENCE,
        wait_until("a timeline", PATIENCE * 2, async || {
            shown = timeline(tab).await;
            (shown == expected).then_some(())
        }),
    );
    let found = found.await;
    assert!(found.is_ok(), "the timeline stays at {shown:?}");
}

/// The connections break; much happens meanwhile; then both pages are what they would be had nothing broken.
async fn cut_and_resume(stage: &Stage, reader: &Tab, clerk: &Tab, order: &str) {
    stage.proxy.close();
    for tab in [reader, clerk] {
        until_badge(tab, &["reconnecting", "offline"]).await;
    }
    let api = &stage.dev.api;
    for step in ["fail", "start", "complete"] {
        let call = api.post(format!("/deliveries/{order}/{step}"), json!({}));
        call.await.expect(200);
    }
    api.trace_at(order, "completed").await;
    let other = api.place(cash_order()).await;
    api.trace_at(&other, "payment_requested").await;
    stage.proxy.reopen().await;
    for tab in [reader, clerk] {
        until_live(tab).await;
    }

    let log = LogReader::of_server(&stage.dev.nats()).await.read().await;
    until_timeline(reader, &log.order(order).event_names()).await;
    until_list_is_that_of_the_api(stage, clerk).await;
    for tab in [reader, clerk] {
        assert_unchanged(tab).await;
        let complaints = tab.complaints().await;
        let others: Vec<&Complaint> = complaints
            .iter()
            .filter(|complaint| !complaint.is_of_the_network())
            .collect();
        assert!(others.is_empty(), "{others:?}");
    }
    // Of events that came together the page of the order was sent the newest alone; none twice, none out of turn.
    let of_order = |position: &String| log.at(position).unwrap();
    let told: Vec<(String, u64)> = heard(reader).await.iter().map(of_order).collect();
    let versions = log.order(order).event_names().len() as u64;
    assert!(
        told.is_sorted_by(|(_, one), (_, next)| one < next),
        "{told:?}"
    );
    assert!(told.iter().all(|(of, _)| of == order), "{told:?}");
    assert_eq!(told.last().map(|(_, version)| *version), Some(versions));
    // What the list had when it was drawn came without a message, all else by one each.
    let told: Vec<(String, u64)> = heard(clerk).await.iter().map(of_order).collect();
    let expected = [(order, 6..=versions), (&other, 1..=2)];
    let expected: Vec<_> = expected
        .into_iter()
        .flat_map(|(order, versions)| versions.map(move |v| (order.to_owned(), v)))
        .collect();
    assert_eq!(told, expected);
}

/// The list has the orders that the API lists, in its order, in their states.
async fn until_list_is_that_of_the_api(stage: &Stage, tab: &Tab) {
    let page = stage.dev.api.get("/orderTraces").await.expect(200).json();
    let traces = page["_embedded"]["orderTraces"].as_array().unwrap();
    let field = |trace: &Value, name: &str| trace[name].as_str().unwrap().to_owned();
    let expected: Vec<_> = traces
        .iter()
        .map(|trace| {
            (
                format!("order-{}", field(trace, "orderId")),
                field(trace, "state"),
            )
        })
        .collect();
    tab.until("the list is that of the API", async |tab| {
        let rows = tab.attributes("[data-rows] [data-row]", "id").await;
        let states = tab
            .attributes("[data-rows] [data-row] .chip", "title")
            .await;
        let shown: Vec<_> = rows.into_iter().zip(states).collect();
        shown == expected
    })
    .await;
}

/// The slider shows the order as it stood, and the way back leads to the present.
async fn look_back(tab: &Tab, order: &str) {
    let all = timeline(tab).await;
    tab.focus("#rewind-version").await;
    tab.press(Key::Home).await;
    until_timeline(tab, &["OrderPlaced"]).await;
    let chip = tab.attributes("#order-head .chip", "title").await;
    assert_eq!(chip, ["placed"]);
    assert!(tab.path().await.contains("asOf="), "{}", tab.path().await);
    assert_eq!(tab.count(".order-actions").await, 0);
    tab.press(Key::Right).await;
    until_timeline(tab, &["OrderPlaced", "PaymentRequested"]).await;
    tab.click("#rewind-note a").await;
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    until_timeline(tab, &all).await;
    assert_eq!(order_on(tab).await, order);
    until_live(tab).await;
}
