//! `/metrics`.

use std::collections::BTreeSet;

use crate::harness::{Dev, cash_order, wait_until};

use super::SPANS_ARRIVE_MAX;

/// What a process of all roles shows once an order has gone through it.
const SHOWN: [&str; 22] = [
    "ordertrace_append_batch_decisions",
    "ordertrace_append_seconds",
    "ordertrace_append_tries_total",
    "ordertrace_appends_total",
    "ordertrace_audit_position",
    "ordertrace_build_info",
    "ordertrace_commands_total",
    "ordertrace_dead_letters",
    "ordertrace_http_request_seconds",
    "ordertrace_http_requests_in_flight",
    "ordertrace_http_requests_total",
    "ordertrace_log_head",
    "ordertrace_payment_provider_breaker_state",
    "ordertrace_projection_commit_seconds",
    "ordertrace_projection_lag_events",
    "ordertrace_projection_position",
    "ordertrace_ready",
    "ordertrace_saga_waiting",
    "ordertrace_saga_work_total",
    "ordertrace_stuck_orders",
    "ordertrace_tokio_workers",
    "process_start_time_seconds",
];

fn sample<'a>(text: &'a str, of: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(of)?.strip_prefix(' '))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_of_each_part_and_of_no_order() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.get(format!("/orders/{order}")).await;
    dev.api.get("/no/such/thing").await;
    let text = wait_until("all is shown", SPANS_ARRIVE_MAX, async || {
        let text = dev.api.get("/metrics").await.expect(200).text;
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let types: BTreeSet<_> = types.filter_map(|it| it.split(' ').next()).collect();
        let has_all = SHOWN.iter().all(|name| types.contains(name));
        has_all.then_some(text)
    })
    .await;
    let done = r#"ordertrace_commands_total{by="api",command="PlaceOrder",outcome="done"}"#;
    assert_eq!(sample(&text, done), Some("1"));
    let asked = r#"ordertrace_http_requests_total{method="GET",route="/orders/{id}",status="#;
    assert!(text.contains(asked), "{text}");
    let nowhere = r#"ordertrace_http_requests_total{method="GET",route="none",status="4xx"}"#;
    assert_eq!(sample(&text, nowhere), Some("1"));
    assert_eq!(sample(&text, r#"ordertrace_ready{part="log"}"#), Some("1"));
    assert!(!text.contains(&order), "an id is no label");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_metric_says_what_it_means() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let text = dev.api.get("/metrics").await.expect(200).text;
    let named = |prefix: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(prefix));
        lines
            .filter_map(|line| Some(line.split(' ').next()?.to_owned()))
            .collect()
    };
    let (kinds, helps) = (named("# TYPE "), named("# HELP "));
    assert!(kinds.len() > 10, "{text}");
    assert_eq!(kinds, helps);
}
