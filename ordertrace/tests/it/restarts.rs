//! Stopping on purpose, and going on where it stopped.

use std::fs;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{
    Dev, LogReader, PATIENCE, Program, Role, assert_views_equal_the_log, cash_order, is_alive,
    signal, wait_until,
};

/// How long a stop may take when nothing is under way. The bounds inside add up to more, for a process that is busy.
const STOP_MAX: Duration = Duration::from_secs(10);

async fn stopped_by(name: &str, program: &mut Program) -> ExitStatus {
    signal(name, program.pid());
    let ended = timeout(STOP_MAX, program.ended()).await;
    ended.unwrap_or_else(|_| panic!("not stopped within {STOP_MAX:?}:\n{}", program.stderr()))
}

#[tokio::test]
async fn ctrl_c_stops_dev_cleanly_and_the_next_start_goes_on_from_there() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let waiting = dev.api.place(cash_order()).await;
    let waiting_trace = dev.api.trace_at(&waiting, "payment_requested").await;
    let nats_pid = dev.nats().pid;
    let end = stopped_by("INT", &mut dev.program).await;
    assert_eq!(end.code(), Some(0), "{}", dev.program.stderr());
    assert!(!is_alive(nats_pid), "nats-server outlived its owner");

    let mut dev = Dev::start(data.path(), &[]).await;
    let trace = dev
        .api
        .get(format!("/orderTraces/{waiting}"))
        .await
        .expect(200);
    assert_eq!(trace.json(), waiting_trace);
    dev.api
        .put(
            format!("/payments/{waiting}"),
            json!({"paymentStatus": "END"}),
        )
        .await
        .expect(200);
    dev.api.trace_at(&waiting, "delivery_started").await;
    let fresh = dev.api.place(cash_order()).await;
    dev.api.trace_at(&fresh, "payment_requested").await;
    let log = LogReader::of_server(&dev.nats()).await.read().await;
    assert_eq!(log.orders.len(), 2);
    assert_views_equal_the_log(&dev.api, &log).await;
    let end = stopped_by("TERM", &mut dev.program).await;
    assert_eq!(end.code(), Some(0), "{}", dev.program.stderr());
}

#[tokio::test]
async fn an_open_connection_does_not_hold_up_the_stop() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    // Kept alive by the client's pool, and one that never sends its request.
    dev.api.get("/orders").await.expect(200);
    let _silent = std::net::TcpStream::connect(&dev.addr).unwrap();
    let end = stopped_by("INT", &mut dev.program).await;
    assert_eq!(end.code(), Some(0));
}

#[tokio::test]
async fn ctrl_c_stops_every_role_cleanly() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let views = data.path().join("more-views");
    for role in ["command-api", "saga", "projections"] {
        let mut flags = vec!["--data-dir", folder];
        if role == "projections" {
            flags.extend(["--views-dir", views.to_str().unwrap()]);
        }
        let mut role = Role::start(role, &flags).await;
        let end = stopped_by("INT", &mut role.program).await;
        assert_eq!(end.code(), Some(0), "{}", role.program.stderr());
    }
}

#[tokio::test]
async fn a_normal_run_logs_no_warning_and_no_error() {
    let data = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut dev = Dev::start(data.path(), &["--log-format", "json"]).await;
        let order = dev.api.place(cash_order()).await;
        dev.api.trace_at(&order, "payment_requested").await;
        dev.api.delete(format!("/orders/{order}")).await.expect(202);
        dev.api.trace_at(&order, "cancelled").await;
        stopped_by("INT", &mut dev.program).await;
        for line in dev.program.stderr().lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(entry["level"], "INFO", "{line}");
        }
    }
}

#[tokio::test]
async fn a_log_that_goes_to_a_file_has_no_colours() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    stopped_by("INT", &mut dev.program).await;
    let log = dev.program.stderr();
    assert!(!log.is_empty() && !log.contains('\u{1b}'), "{log:?}");
}

#[tokio::test]
async fn views_that_were_removed_are_built_anew_from_the_log() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    for _ in 0..5 {
        let order = dev.api.place(cash_order()).await;
        dev.api.trace_at(&order, "payment_requested").await;
    }
    stopped_by("INT", &mut dev.program).await;
    fs::remove_dir_all(data.path().join("views")).unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let log = LogReader::of_server(&dev.nats()).await.read().await;
    assert_eq!(log.orders.len(), 5);
    assert_views_equal_the_log(&dev.api, &log).await;
}

#[tokio::test]
async fn a_dev_that_is_killed_takes_its_nats_server_along() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let nats_pid = dev.nats().pid;
    assert!(is_alive(nats_pid));
    dev.program.kill9();
    wait_until("nats-server is gone", PATIENCE, async || {
        (!is_alive(nats_pid)).then_some(())
    })
    .await;
}
