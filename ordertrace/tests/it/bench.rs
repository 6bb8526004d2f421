//! `ordertrace bench`: a loaded log is as good as one that people have filled, and can be measured on.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Dev, LogReader, PATIENCE, Program, assert_views_equal_the_log, wait_until};

const ORDERS: u64 = 300;

/// One in a hundred.
const OPEN: u64 = 3;

/// An open order was placed, and its payment is requested then.
const EVENTS_OF_OPEN: u64 = 2;

async fn load(data_dir: &Path, more: &[&str]) -> Program {
    let (orders, data) = (ORDERS.to_string(), data_dir.to_str().unwrap());
    let args = ["bench", "load", "--orders", &orders, "--data-dir", data];
    Program::run(args.iter().chain(more)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loaded_log_is_served_and_the_saga_finds_nothing_to_do_for_what_has_ended() {
    let data = tempfile::tempdir().unwrap();
    let mut loading = load(data.path(), &[]).await;
    assert_eq!(loading.code(), Some(0), "{}", loading.stderr());
    assert!(
        loading.stderr().contains(&format!("{ORDERS} orders, ")),
        "{}",
        loading.stderr()
    );

    let dev = Dev::start(data.path(), &[]).await;
    let reader = LogReader::of_url(&dev.nats().client_url).await;
    let handed_out = wait_until(
        "the saga has looked at all there is",
        PATIENCE,
        async || {
            let consumers = reader.consumers().await;
            let is_settled = consumers.iter().all(|consumer| consumer.unsettled == 0);
            let handed_out = consumers
                .iter()
                .map(|consumer| consumer.handed_out)
                .sum::<u64>();
            (is_settled && handed_out >= OPEN * EVENTS_OF_OPEN).then_some(handed_out)
        },
    )
    .await;
    assert_eq!(
        handed_out,
        OPEN * EVENTS_OF_OPEN,
        "only the open orders are the saga's"
    );
    let log = reader.read().await;
    assert_eq!(log.orders.len() as u64, ORDERS);
    assert_views_equal_the_log(&dev.api, &log).await;
    let stats = dev.api.get("/orderTraces/stats").await.expect(200).json();
    assert_eq!(count(&stats, "payment_requested"), OPEN, "{stats}");

    let figures = pages(&dev.addr).await;
    assert!(figures.len() > 50, "{figures:?}");
    for figure in &figures {
        let (ours, raw) = (&figure["ours"], &figure["raw"]);
        assert!(
            ours.as_f64() > Some(0.0) && raw.as_f64() > Some(0.0),
            "{figure}"
        );
        assert_eq!(figure["runs"], 1, "{figure}");
    }

    let again = [
        "--nats-url",
        &dev.nats().client_url,
        "--nats-monitor-url",
        &dev.nats().monitor_url,
    ];
    let mut refused = load(data.path(), &again).await;
    assert_eq!(refused.code(), Some(1));
    assert!(refused.stderr().contains("the log is not empty"));
    let more = [&again[..], &["--append"]].concat();
    let mut repeated = load(data.path(), &more).await;
    assert_eq!(repeated.code(), Some(0), "{}", repeated.stderr());
    let after = reader.read().await;
    assert_eq!(after.head, log.head, "the same seed, the same commands");
}

fn count(stats: &Value, state: &str) -> u64 {
    let states = stats["states"].as_array().unwrap();
    let found = states.iter().find(|it| it["state"] == state);
    found.and_then(|it| it["count"].as_u64()).unwrap()
}

async fn pages(addr: &str) -> Vec<Value> {
    let url = format!("http://{addr}");
    let args = [
        "bench",
        "pages",
        "--url",
        &url,
        "--requests",
        "100",
        "--runs",
        "1",
        "-o",
        "json",
    ];
    let mut measuring = Program::run(args).await;
    assert_eq!(measuring.code(), Some(0), "{}", measuring.stderr());
    let lines = measuring.stdout();
    let figures = lines.lines().map(serde_json::from_str);
    figures.collect::<Result<_, _>>().unwrap()
}
