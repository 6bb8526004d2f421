//! The saga's place in the log is lost, and it begins with the first event again: of orders that have ended, nothing is
//! asked of the provider again, nothing appended, nothing scheduled.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::harness::{
    Api, HttpProxy, Load, Log, LogReader, OpenGate, PATIENCE, Program, Shop, Stop, ToldOrder,
    wait_until,
};

const SETTLE_MAX: Duration = Duration::from_secs(90);

/// Every event and every timer is handed out once more each time.
const REPLAYS: usize = 2;

/// Long enough for the load's own payments, short enough to be waited for.
const TERMS: &[&str] = &[
    "--payment-deadline",
    "10s",
    "--payment-check-delay",
    "100ms",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saga_that_begins_with_the_first_event_again_changes_nothing() {
    const ORDERS: u64 = 60;
    let shop = Shop::open().await;
    let (site, api) = (&shop.site, &shop.api);
    let proxy = HttpProxy::start(&shop.provider.addr, Arc::new(OpenGate)).await;
    let start = || site.saga(site.nats.client_url(), &proxy.url(), TERMS);
    let reader = site.log().await;

    let mut saga = start();
    let mut load = Load::new(ORDERS);
    load.run(api, &Stop::default()).await;
    assert!(load.is_done());
    let log = all_ended(api, &reader).await;
    all_settled(&reader, &mut saga).await;
    saga.kill9();
    let before = (reader.last_sequences().await, proxy.requests());
    assert!(before.1 > 0, "the saga asked the provider past the proxy");

    for _ in 0..REPLAYS {
        for consumer in reader.consumers().await {
            reader.delete(&consumer).await;
        }
        let mut saga = start();
        let handed_out = all_settled(&reader, &mut saga).await;
        assert!(
            handed_out >= log.head.sequence.get(),
            "only {handed_out} messages were handed out"
        );
        saga.kill9();
        let after = (reader.last_sequences().await, proxy.requests());
        assert_eq!(after, before, "streams and requests to the provider");
        println!("{handed_out} messages were handled again, and changed nothing");
    }
}

/// Brings every order to its end: who has it delivers it, who did not pay is told so by the deadline.
async fn all_ended(api: &Api, reader: &LogReader) -> Log {
    let is_out = |told: &ToldOrder| ordertrace_http::trace_state(&told.order) == "delivery_started";
    let is_at_rest = |log: &Log| {
        let mut orders = log.orders.values();
        orders.all(|told| is_out(told) || told.order.phase.has_ended())
    };
    let log = reader.read_until(SETTLE_MAX, is_at_rest).await;
    let out = log.orders.values().filter(|told| is_out(told));
    stream::iter(out)
        .for_each(|told| async {
            let path = format!("/deliveries/{}/complete", told.id);
            api.post(path, json!({})).await.expect(200);
        })
        .await;
    let has_ended = |log: &Log| {
        let mut orders = log.orders.values();
        orders.all(|told| told.order.phase.has_ended())
    };
    reader.read_until(SETTLE_MAX, has_ended).await
}

/// Waits until the saga has handled all there is, and says how many messages that were.
async fn all_settled(reader: &LogReader, saga: &mut Program) -> u64 {
    saga.said("that it runs", |_, log| {
        log.contains("http.addr=").then_some(())
    })
    .await;
    wait_until("all work is acknowledged", PATIENCE, async || {
        let consumers = reader.consumers().await;
        let is_settled = consumers.iter().all(|consumer| consumer.unsettled == 0);
        is_settled.then(|| consumers.iter().map(|consumer| consumer.handed_out).sum())
    })
    .await
}
