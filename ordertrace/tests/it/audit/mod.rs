//! What an auditor gets out of a log: events in their order, filtered, followed, in files; an order's story.

mod calls;
mod download;
mod export;
mod hostile;
mod outage;
mod replay;
mod show;
mod tail;
mod verify;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Dev, Program};

/// The arguments of a command of the auditor on a running `dev`.
fn args(dev: &Dev, words: &[&str]) -> Vec<String> {
    let url = dev.nats().client_url;
    let all = [&["audit"], words, &["--nats-url", &url]].concat();
    all.into_iter().map(str::to_owned).collect()
}

/// What a command that succeeds prints.
async fn said(dev: &Dev, words: &[&str]) -> String {
    let mut program = Program::run(args(dev, words)).await;
    let told = program.stderr();
    assert_eq!((program.code(), told.as_str()), (Some(0), ""), "{words:?}");
    program.stdout()
}

/// The events that a replay prints.
async fn replayed(dev: &Dev, filter: &[&str]) -> Vec<Value> {
    let words = [&["replay", "-o", "ndjson"], filter].concat();
    events(&said(dev, &words).await)
}

fn events(ndjson: &str) -> Vec<Value> {
    let lines = ndjson.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

fn sequences(events: &[Value]) -> Vec<u64> {
    let sequences = events.iter().map(|event| event["sequence"].as_u64());
    sequences.collect::<Option<_>>().unwrap()
}

/// A `dev` on a log with more in it than pipes and buffers hold.
async fn loaded(data_dir: &Path) -> Dev {
    let folder = data_dir.to_str().unwrap();
    let load = ["bench", "load", "--orders", "300", "--data-dir", folder];
    let mut loading = Program::run(load).await;
    assert_eq!(loading.code(), Some(0), "{}", loading.stderr());
    Dev::start(data_dir, &[]).await
}

/// An order of a product that is called so.
fn order_of(product: &str) -> Value {
    json!({"productId": 1, "qty": 2, "paymentType": "cash", "cost": 1000, "productName": product})
}

/// Orders that have each come as far as they can by themselves: placed, and the payment asked for.
async fn place_some(dev: &Dev, count: usize) -> Vec<String> {
    let mut orders = Vec::new();
    for _ in 0..count {
        orders.push(dev.api.place(order_of("Coffee")).await);
    }
    for order in &orders {
        dev.api.trace_at(order, "payment_requested").await;
    }
    orders
}

/// An order that was paid and delivered.
async fn complete(dev: &Dev, order: &str) {
    let approve = format!("/payments/{order}/approve");
    dev.api.post(approve, json!({})).await.expect(200);
    dev.api.trace_at(order, "delivery_started").await;
    let hand_over = format!("/deliveries/{order}/complete");
    dev.api.post(hand_over, json!({})).await.expect(200);
    dev.api.trace_at(order, "completed").await;
}
