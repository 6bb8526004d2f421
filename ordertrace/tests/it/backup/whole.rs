//! A backup of a system at work, restored elsewhere.

use std::fs;
use std::path::Path;

use crate::harness::{
    Api, Dev, Load, LogReader, PATIENCE, Role, Stop, assert_views_equal_the_log, cash_order,
    wait_until,
};

use super::{back_up, ops, says_integrity_only, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_at_work_is_backed_up_and_goes_on_elsewhere() {
    const ORDERS: u64 = 200;
    const PLACED_BEFORE: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let (there, backup, here) = (
        folder.path().join("there"),
        folder.path().join("backup"),
        folder.path().join("here"),
    );
    let (_provider, flags) = provider_beside(folder.path()).await;
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let dev = Dev::start(&there, &flags).await;
    let unpaid = dev.api.place(cash_order()).await;
    dev.api.trace_at(&unpaid, "payment_requested").await;
    let mut load = Load::new(ORDERS);
    let stop = Stop::default();
    let backed_up = async {
        stop.placed(PLACED_BEFORE).await;
        back_up(&backup, &there).await;
    };
    tokio::join!(load.run(&dev.api, &stop), backed_up);
    let whole = LogReader::of_server(&dev.nats()).await.read().await;
    drop(dev);

    let args = ["restore", text(&backup), "--data-dir", text(&here)];
    let (code, stdout, _) = ops(&args).await;
    assert_eq!(code, Some(0));
    assert!(stdout.contains("nothing; --yes"), "{stdout}");
    let (code, stdout, stderr) = ops(&[&args[..], &["--yes"]].concat()).await;
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(says_integrity_only(&stderr), "{stderr}");
    assert!(stdout.contains("for integrity only"), "{stdout}");

    let dev = Dev::start(&here, &flags).await;
    let reader = LogReader::of_server(&dev.nats()).await;
    // What was under way when it was backed up is brought to its end: its payments, its deliveries, its timers.
    let log = reader.read_until(PATIENCE, |log| {
        log.is_settled() && log.order(&unpaid).order.phase.has_ended()
    });
    let log = log.await;
    assert_eq!(
        log.head.incarnation, whole.head.incarnation,
        "positions go on"
    );
    assert!(log.orders.len() > PLACED_BEFORE && log.orders.len() <= whole.orders.len());
    assert_views_equal_the_log(&caught_up(dev.api, &reader).await, &reader.read().await).await;
}

/// A payment provider that outlives either system, as real ones do, and the flags that lead to it; with terms under which
/// an order that nobody pays comes to its end while a test waits.
async fn provider_beside(folder: &Path) -> (Role, Vec<String>) {
    let secret = folder.join("secret");
    fs::write(&secret, "sk_test").unwrap();
    let data = folder.join("provider");
    let (role, addr) = Role::start_unready("payment-simulator", &["--data-dir", text(&data)]).await;
    let flags = [
        ["--payment-deadline", "6s"],
        ["--payment-provider-url", &format!("http://{addr}")],
        ["--payment-provider-secret-file", text(&secret)],
    ];
    (
        role,
        flags.concat().into_iter().map(str::to_owned).collect(),
    )
}

/// The API once its views have all there is.
async fn caught_up(api: Api, reader: &LogReader) -> Api {
    let head = reader.read().await.head.to_string();
    wait_until("the views are level", PATIENCE, async || {
        let views = api.get("/ops/views").await.json();
        (views["views"]["position"] == head.as_str()).then_some(())
    })
    .await;
    api
}

#[tokio::test]
async fn a_payment_that_waited_is_approved_where_the_order_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup, here) = (
        folder.path().join("there"),
        folder.path().join("backup"),
        folder.path().join("here"),
    );
    let dev = Dev::start(&there, &[]).await;
    let order = dev.api.place(cash_order()).await;
    let before = dev.api.trace_at(&order, "payment_requested").await;
    back_up(&backup, &there).await;
    drop(dev);
    let args = [
        "restore",
        text(&backup),
        "--data-dir",
        text(&here),
        "--yes",
        "-o",
        "json",
    ];
    let (code, stdout, stderr) = ops(&args).await;
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(says_integrity_only(&stderr), "{stderr}");
    let said: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(said["streams"].as_array().unwrap().len(), 4);

    let dev = Dev::start(&here, &[]).await;
    assert_eq!(dev.api.trace_at(&order, "payment_requested").await, before);
    let approve = serde_json::json!({"paymentStatus": "END"});
    dev.api
        .put(format!("/payments/{order}"), approve)
        .await
        .expect(200);
    dev.api.trace_at(&order, "delivery_started").await;
}
