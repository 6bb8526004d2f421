//! What checkpoints cost an append: no message, and no wait for the disk.

use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};

use super::scene::{OFTEN, close, sell, signed_head};
use super::tracer::{Syncs, Tracer};
use crate::harness::{Api, Dev, PATIENCE, Role, Site, Store, cash_order, wait_until};

/// So many appends are traced, one after the other, so that none shares its wait for the disk with another.
const APPENDS: u64 = 300;

/// In the path of the log's messages.
const LOG: &str = "ORDERTRACE_EVENTS/msgs/";

#[tokio::test]
async fn the_log_has_the_orders_events_and_no_message_for_a_checkpoint() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &OFTEN).await;
    let orders = sell(&dev).await;
    signed_head(&dev).await;
    let mut told = 0;
    for order in &orders {
        let answer = dev.api.get(format!("/orderTraces/{order}/events")).await;
        told += answer.expect(200).json()["events"]
            .as_array()
            .unwrap()
            .len();
    }
    close(dev).await;
    let events = Store::of(data.path(), EVENTS_STREAM).messages();
    assert_eq!(events.len(), told);
    let is_of_an_order = |order: &String| events.iter().any(|it| it.subject.ends_with(order));
    assert!(orders.iter().all(is_of_an_order));
    let checkpoints = Store::of(data.path(), CHECKPOINTS_STREAM).messages();
    assert!(checkpoints.len() > 1, "{checkpoints:?}");
}

/// Prints what it has counted:
///
/// ```sh
/// cargo test -p ordertrace --test it -- --ignored --nocapture waits_for_the_disk
/// ```
#[tokio::test]
#[ignore = "traces a process, which takes strace and the right to use it"]
async fn an_append_waits_for_the_disk_once_with_and_without_an_audit() {
    let site = Site::start().await;
    let commands = site.role("command-api", "commands").await;
    let Some(without) = traced(&site, append(&commands.api)).await else {
        return;
    };
    let audit = audit(&site).await;
    signed(&audit.api, APPENDS).await;
    let appends_and_checkpoints = async {
        append(&commands.api).await;
        signed(&audit.api, 2 * APPENDS).await;
    };
    let Some(with) = traced(&site, appends_and_checkpoints).await else {
        return;
    };
    let checkpoints = format!("{CHECKPOINTS_STREAM}/msgs/");
    for (name, syncs) in [("without", &without), ("with", &with)] {
        println!(
            "{APPENDS} appends {name} an audit: {} waits for the disk, {} of the log's messages, {} of the checkpoints'",
            syncs.all(),
            syncs.of(LOG),
            syncs.of(&checkpoints),
        );
        assert_eq!(syncs.of(LOG), APPENDS, "{name}");
    }
    assert_eq!(without.of(&checkpoints), 0);
    assert!((1..=APPENDS).contains(&with.of(&checkpoints)));
    // Nothing else waits because of an audit: what it reads through is kept in the server's memory.
    assert_eq!(with.all() - with.of(&checkpoints), without.all());
}

/// Traces the server of a site while something is done.
async fn traced(site: &Site, work: impl Future<Output = ()>) -> Option<Syncs> {
    let tracer = Tracer::attach(site.nats.pid().unwrap()).await?;
    work.await;
    Some(tracer.stop().await)
}

/// One event each: nobody is there who would go on with an order.
async fn append(api: &Api) {
    for _ in 0..APPENDS {
        api.place(cash_order()).await;
    }
}

/// A process that signs a checkpoint after every few of these events.
async fn audit(site: &Site) -> Role {
    let key = SecretKey::from_seed("localhost/cost", KeyUse::Log, [9; 32]).unwrap();
    let file = site.path().join("audit.key");
    std::fs::write(&file, key.to_secret_text()).unwrap();
    let data_dir = site.path().join("audit");
    let flags = [
        ["--nats-url", site.nats.client_url()],
        ["--nats-monitor-url", site.nats.monitor_url()],
        ["--data-dir", data_dir.to_str().unwrap()],
        ["--audit-key-file", file.to_str().unwrap()],
    ];
    Role::start("audit serve", &[flags.as_flattened(), &OFTEN].concat()).await
}

/// Waits for the checkpoint over so many events.
async fn signed(api: &Api, size: u64) {
    wait_until("all appends are signed for", PATIENCE, async || {
        let answer = api.get("/audit/checkpoint").await;
        let signed = SignedCheckpoint::parse(answer.text.as_bytes()).ok()?;
        (signed.checkpoint().size.get() == size).then_some(())
    })
    .await;
}
