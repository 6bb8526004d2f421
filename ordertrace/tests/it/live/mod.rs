//! Live streams of real processes: what clients see while orders go by, connections are cut, and processes stop.

mod client;
mod logged_out;
mod slow;

use std::time::Duration;

use futures::{StreamExt as _, stream};
use ordertrace_domain::Position;
use tokio::time::Instant;

use crate::harness::{Api, Dev, LogReader, PATIENCE, Role, Site, cash_order, signal, wait_until};
use client::{Client, Told, get};

/// Placed at the same time.
const AT_ONCE: usize = 32;

/// A process whose streams keep it would take the ten seconds that answers under way have.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// Places orders and asks for every other one to be cancelled, so that there are events of two kinds among each other.
async fn trade(commands: &Api, orders: usize) {
    stream::iter(0..orders)
        .for_each_concurrent(AT_ONCE, async |number| {
            let order = commands.place(cash_order()).await;
            if number % 2 == 0 {
                commands
                    .delete(format!("/orders/{order}"))
                    .await
                    .expect(202);
            }
        })
        .await;
}

/// Where the view of a process stands, once it has the whole log.
async fn level(views: &Role, log: &LogReader) -> Position {
    let head = log.read().await.head;
    let after = format!("/orderTraces?limit=1&after={head}");
    views.api.get(after).await.expect(200);
    head
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_sees_an_order_go_by_as_far_as_it_asked() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let mut all = Client::open(&dev.addr, "/orderTraces/stream").await;
    let path = "/orderTraces/stream?state=payment_requested&paymentType=cash";
    let mut waiting = Client::open(&dev.addr, path).await;
    let order = dev.api.place(cash_order()).await;
    let requested = waiting.until(|told| told.name == "trace").await;
    assert_eq!(requested.data["orderId"], order);
    assert_eq!(requested.data["state"], "payment_requested");
    let one = format!("/orderTraces/{order}/stream");
    let mut one = Client::resume(&dev.addr, &one, &requested.id).await;

    let approve = format!("/payments/{order}/approve");
    dev.api
        .post(approve, serde_json::json!({}))
        .await
        .expect(200);
    let removed = waiting.until(|told| told.name == "removed").await;
    assert_eq!(removed.data["orderId"], order);
    assert_eq!(removed.data["position"], removed.id);
    let is_out = |told: &Told| told.data["state"] == "delivery_started";
    let out = one.until(is_out).await;
    assert_eq!(all.until(is_out).await, out);
    let list = dev.api.get(format!("/orderTraces?after={}", out.id)).await;
    assert_eq!(list.json()["_embedded"]["orderTraces"][0], out.data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_cut_goes_on_at_another_process_without_a_gap_or_a_repeat() {
    let site = Site::start().await;
    let (commands, one, two) = tokio::join!(
        site.role("command-api", "commands"),
        site.role("projections", "one"),
        site.role("projections", "two")
    );
    let log = site.log().await;
    let start = log.read().await.head;
    let read = async {
        let mut told: Vec<Told> = Vec::new();
        let mut last_id = start.to_string();
        for (process, messages) in [&one, &two].into_iter().cycle().zip((1..20).cycle()) {
            let mut client = Client::resume(&process.addr, "/orderTraces/stream", &last_id).await;
            assert_eq!(client.next().await.unwrap().name, "position");
            for _ in 0..messages {
                let message = client.until(|_| true).await;
                told.push(message);
                if told.len() == 300 {
                    return told;
                }
            }
            // The connection is cut while more comes: what was on the way is lost.
            last_id = client.last_id.clone();
        }
        told
    };
    let (told, ()) = tokio::join!(read, trade(&commands.api, 200));
    let log = log.read().await;
    assert_eq!(log.head.sequence.get(), 300);
    for (place, told) in (1_u64..).zip(&told) {
        assert_eq!(told.name, "trace");
        let position = Position::parse(&told.id).unwrap();
        assert_eq!(position.sequence.get(), place, "a gap or a repeat");
        let (order, version) = log.at(&told.id).unwrap();
        assert_eq!(told.data["orderId"], order);
        assert_eq!(told.data["version"], version);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_told_when_it_asks_for_too_much() {
    let site = Site::start().await;
    let (commands, views) = tokio::join!(
        site.role("command-api", "commands"),
        site.role("projections", "views")
    );
    let log = site.log().await;
    let start = log.read().await.head;
    trade(&commands.api, 700).await;
    let head = level(&views, &log).await;
    let path = "/orderTraces/stream";

    let mut client = Client::resume(&views.addr, path, &start.to_string()).await;
    assert_eq!(client.next().await.unwrap().id, start.to_string());
    let reset = client.next().await.unwrap();
    assert_eq!((reset.name.as_str(), reset.id), ("reset", head.to_string()));
    let order = commands.api.place(cash_order()).await;
    let next = client.until(|told| told.name == "trace").await;
    assert_eq!(next.data["orderId"], order, "the stream goes on from there");

    let garbage = get(&views.addr, path, Some("1")).await;
    assert_eq!(garbage.status().as_u16(), 400);

    let mut held = Vec::new();
    for _ in 1..32 {
        held.push(Client::open(&views.addr, path).await);
    }
    let refused = get(&views.addr, path, None).await;
    assert_eq!(refused.status().as_u16(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    held.pop();
    wait_until("a place is free again", PATIENCE, async || {
        let answer = get(&views.addr, path, None).await;
        (answer.status().as_u16() == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_with_open_streams_says_that_it_stops_and_does_at_once() {
    let site = Site::start().await;
    let mut views = site.role("projections", "views").await;
    let path = "/orderTraces/stream";
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = Client::open(&views.addr, path).await;
        assert_eq!(client.next().await.unwrap().name, "position");
        clients.push(client);
    }
    let told_at = Instant::now();
    signal("TERM", views.program.pid());
    for client in &mut clients {
        let closing = client.next().await.unwrap();
        assert_eq!(closing.name, "closing");
        assert_eq!(closing.data["reason"], "shutdown");
        assert_eq!(client.next().await, None);
    }
    let ended = views.program.ended().await;
    assert!(ended.success(), "{ended}");
    let took = told_at.elapsed();
    assert!(took < STOPS_WITHIN, "it took {took:?}");
}
