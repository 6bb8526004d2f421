//! A collector that is not there.

use std::net::TcpListener;

use super::SPANS_ARRIVE_MAX;
use crate::harness::{Dev, cash_order, signal, wait_until};

/// Batches of spans that have to be lost before the log is looked at.
const LOST_MIN: u64 = 3;

/// How many batches of spans were lost so far.
async fn lost(dev: &Dev) -> u64 {
    let text = dev.api.get("/metrics").await.text;
    let line = r#"ordertrace_trace_exports_total{outcome="lost"} "#;
    let mut lines = text.lines().filter_map(|it| it.strip_prefix(line));
    lines.next().map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_is_told_of_once_and_holds_nothing_up() {
    // A port that nobody listens on any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &["--otlp-endpoint", &url]).await;
    wait_until("spans are lost", SPANS_ARRIVE_MAX, async || {
        dev.api.place(cash_order()).await;
        (lost(&dev).await >= LOST_MIN).then_some(())
    })
    .await;
    signal("TERM", dev.program.pid());
    assert!(dev.program.ended().await.success());
    let log = dev.program.stderr();
    let told = |line: &&str| line.contains("the collector does not take spans");
    assert_eq!(log.lines().filter(told).count(), 1, "{log}");
    let of_libraries = |line: &&str| line.contains("opentelemetry");
    assert_eq!(log.lines().find(of_libraries), None);
}
