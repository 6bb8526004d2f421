//! A nats-server that is there and says nothing: an auditor is told so, and is never left to wait.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ordertrace_nats::managed::Endpoint;
use reqwest::Response;
use tokio::time::timeout;

use super::place_some;
use crate::harness::{Dev, PATIENCE, Role, signal, wait_until};

/// How long an answer may go on without a NATS behind it: the role asks whether it is there, and waits for its word.
const CUT_OFF_WITHIN: Duration = Duration::from_secs(25);

/// A server that was made to stand still, and goes on at the end of the test, however that ends.
struct StandingStill(Endpoint);

impl StandingStill {
    fn now(dev: &Dev) -> Self {
        let nats = dev.nats();
        signal("STOP", nats.pid);
        Self(nats)
    }
}

impl Drop for StandingStill {
    fn drop(&mut self) {
        signal("CONT", self.0.pid);
    }
}

/// A monitor beside a `dev`, with a folder of its own.
async fn monitor(data_dir: &Path, folder: &Path) -> Role {
    let key = fs::read_to_string(data_dir.join("audit.key.pub")).unwrap();
    let args = [
        ["--data-dir", data_dir.to_str().unwrap()],
        ["--audit-dir", folder.to_str().unwrap()],
        ["--audit-log-key", key.trim()],
    ];
    Role::start("audit serve", args.as_flattened()).await
}

/// An answer that goes on with what comes, read until it has these lines.
async fn following(dev: &Dev, lines: usize) -> Response {
    let url = format!("http://{}/audit/events?follow=true", dev.addr);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answer = client.get(url).send().await.unwrap();
    let mut text = Vec::new();
    while text.iter().filter(|byte| **byte == b'\n').count() < lines {
        let piece = timeout(PATIENCE, answer.chunk()).await.unwrap();
        text.extend_from_slice(&piece.unwrap().unwrap());
    }
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nats_server_hangs_answers_are_cut_off_or_refused_and_then_all_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &["--checkpoint-every", "1s"]).await;
    let orders = place_some(&dev, 3).await;
    wait_until("a checkpoint of all there is", PATIENCE, async || {
        let note = dev.api.get("/audit/checkpoint").await;
        (note.status == 200 && note.text.lines().nth(1) == Some("6")).then_some(())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let monitor = monitor(data.path(), folder.path()).await;
    let mut answer = following(&dev, 6).await;

    let still = StandingStill::now(&dev);
    let cut_off = timeout(CUT_OFF_WITHIN, answer.chunk()).await;
    assert!(cut_off.unwrap().is_err(), "it ends as if it were whole");
    let bundle = format!("/audit/orders/{}/proof", orders[0]);
    for path in ["/audit/events", "/audit/export", &bundle] {
        let refused = timeout(CUT_OFF_WITHIN, dev.api.get(path)).await;
        let refused = refused.unwrap().expect(503);
        assert!(
            refused.text.contains(":log-unavailable"),
            "{}",
            refused.text
        );
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    wait_until("the audit says that it is cut off", PATIENCE, async || {
        let status = dev.api.get("/audit/status").await.expect(200).json();
        (status["isReady"] == false && status["isLogReached"] == false).then_some(())
    })
    .await;
    dev.api.get("/audit/checkpoint").await.expect(200);
    wait_until(
        "the monitor is not ready, and says why",
        PATIENCE,
        async || {
            let unready = monitor.api.get("/readyz").await;
            let says_why = unready.text.contains("the log does not answer");
            (unready.status == 503 && says_why).then_some(())
        },
    )
    .await;

    drop(still);
    dev.api.ready().await;
    monitor.api.ready().await;
    wait_until("the audit goes on", PATIENCE, async || {
        let status = dev.api.get("/audit/status").await.expect(200).json();
        (status["isReady"] == true).then_some(())
    })
    .await;
    let all = dev.api.get("/audit/events").await.expect(200);
    assert_eq!(all.text.lines().count(), 6);
    dev.api.get("/audit/export").await.expect(200);
    dev.api.get(bundle).await.expect(200);
}
