//! From one server to a cluster of three, and back.

use std::path::Path;

use ordertrace_nats::managed::{Cluster, SyncPolicy};
use serde_json::json;

use super::{back_up, ops, says_integrity_only, text};
use crate::harness::{Dev, cash_order};

/// The flags that lead a process to a cluster.
fn flags_of(cluster: &Cluster) -> Vec<String> {
    let monitors: Vec<_> = cluster
        .nodes()
        .iter()
        .map(|node| node.monitor_url())
        .collect();
    let flags = [
        ["--nats-url", &cluster.urls().join(",")],
        ["--nats-monitor-url", &monitors.join(",")],
        ["--nats-replicas", "3"],
    ];
    flags.concat().into_iter().map(str::to_owned).collect()
}

async fn succeeds(args: &[&str], more: &[&str]) {
    let (code, stdout, stderr) = ops(&[args, more].concat()).await;
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(
        stderr.is_empty() || says_integrity_only(&stderr),
        "{stderr}"
    );
}

/// Approves an order's payment, and waits for what the saga makes of it.
async fn pay(dev: &Dev, order: &str) {
    let approve = json!({"paymentStatus": "END"});
    let answer = dev.api.put(format!("/payments/{order}"), approve).await;
    answer.expect(200);
    dev.api.trace_at(order, "delivery_started").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_go_on_on_three_servers_and_then_on_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let dev = Dev::start(&path("one"), &[]).await;
    let (first, second) = (
        dev.api.place(cash_order()).await,
        dev.api.place(cash_order()).await,
    );
    for order in [&first, &second] {
        dev.api.trace_at(order, "payment_requested").await;
    }
    back_up(&path("of-one"), &path("one")).await;
    drop(dev);

    let cluster = Cluster::start(&path("cluster"), SyncPolicy::Always)
        .await
        .unwrap();
    let flags = flags_of(&cluster);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let backup = |name: &str| text(&path(name)).to_owned();
    succeeds(&["restore", &backup("of-one"), "--yes"], &flags).await;
    let dev = Dev::start(&path("three"), &flags).await;
    pay(&dev, &first).await;
    succeeds(&["backup", &backup("of-three")], &flags).await;
    drop(dev);
    cluster.stop().await;

    let again: &Path = &path("again");
    let here = [
        "restore",
        &backup("of-three"),
        "--yes",
        "--data-dir",
        text(again),
    ];
    succeeds(&here, &[]).await;
    let dev = Dev::start(again, &[]).await;
    dev.api.trace_at(&first, "delivery_started").await;
    pay(&dev, &second).await;
}
