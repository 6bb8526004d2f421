//! The views, all pages of all of them, against the fold of the log.

use ordertrace_domain::{Position, Sequence};
use ordertrace_http::{DeliveryResource, OrderResource, PaymentResource, TraceResource};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::{Api, Call, Log, PATIENCE, ToldOrder, wait_until};

/// Pages are small, so that there are several of them.
const PAGE: usize = 100;

/// More pages than any test fills: a link that leads in a circle is found.
const PAGES_MAX: usize = 1_000;

/// Waits until the views have come to the end of the log: after an outage of its servers that takes them a while.
pub(crate) async fn views_have_caught_up(api: &Api, log: &Log) {
    let call = Call::new(Method::GET, format!("/orders?limit=1&after={}", log.head));
    wait_until("the views catch up", PATIENCE, async || {
        let answer = api.try_call(&call).await.ok()?;
        (answer.status == 200).then_some(())
    })
    .await;
}

/// Checks that every entry of every page is what the log says, newest first, each once, and nothing else.
pub(crate) async fn assert_views_equal_the_log(api: &Api, log: &Log) {
    let first = |told: &ToldOrder| told.place_of("OrderPlaced");
    check(api, log, "orders", first, |told| {
        value(OrderResource::of(told.id, &told.order))
    })
    .await;
    let requested = |told: &ToldOrder| told.place_of("PaymentRequested");
    check(api, log, "payments", requested, |told| {
        value(PaymentResource::of(told.id, &told.order))
    })
    .await;
    let prepared = |told: &ToldOrder| told.place_of("DeliveryPrepared");
    check(api, log, "deliveries", prepared, |told| {
        value(DeliveryResource::of(told.id, &told.order))
    })
    .await;
    check(api, log, "orderTraces", first, |told| trace(log, told)).await;
}

fn trace(log: &Log, told: &ToldOrder) -> Value {
    let (placed_at, changed_at) = told.recorded();
    let position = Position {
        incarnation: log.head.incarnation,
        sequence: told.last_place(),
    };
    value(TraceResource::of(
        told.id,
        &told.order,
        placed_at,
        changed_at,
        position,
    ))
}

fn value(resource: impl Serialize) -> Value {
    serde_json::to_value(resource).unwrap()
}

async fn check(
    api: &Api,
    log: &Log,
    name: &str,
    place: impl Fn(&ToldOrder) -> Option<Sequence>,
    resource: impl Fn(&ToldOrder) -> Value,
) {
    let members = log.orders.values();
    let mut members: Vec<_> = members
        .filter_map(|told| place(told).map(|place| (place, told)))
        .collect();
    members.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let expected: Vec<Value> = members.iter().map(|(_, told)| resource(told)).collect();
    let served = all_pages(api, name, log.head, expected.len()).await;
    for (index, (served, expected)) in served.iter().zip(&expected).enumerate() {
        assert_eq!(
            served, expected,
            "entry {index} of /{name} is not what the log says"
        );
    }
    assert_eq!(served.len(), expected.len(), "/{name}");
}

/// The entries of a collection from the first page to the last, no older than `after`.
async fn all_pages(api: &Api, name: &str, after: Position, total: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut next = Some(format!("/{name}?limit={PAGE}&after={after}"));
    for _ in 0..PAGES_MAX {
        let Some(path) = next else {
            return entries;
        };
        let page = api.get(path).await.expect(200).json();
        assert_eq!(page["page"]["totalElements"], total, "/{name}");
        let embedded = page["_embedded"][name].as_array().unwrap();
        assert!(embedded.len() <= PAGE);
        entries.extend(embedded.iter().cloned());
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    panic!("/{name} has no last page");
}
