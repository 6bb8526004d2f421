//! A log that is not sound: it is restored, and not served unless somebody says so.

use std::path::Path;

use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};
use ordertrace_domain::{OrderId, Shard};
use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{ConnectOptions, Connection, JetStreamBackup};

use super::{back_up, ops, text};
use crate::harness::{Dev, PATIENCE, cash_order, wait_until};

async fn connect(url: &str) -> Connection {
    let connection = Connection::open(ConnectOptions::new([url], "test"));
    connection.await.unwrap()
}

/// Restores onto a server of its own, and gives the exit code, what it said and complained of, and whether the log is withheld.
async fn restored(
    backup: &Path,
    server: &Path,
    more: &[&str],
) -> (Option<i32>, String, String, bool) {
    let server = ManagedServer::start(StartOptions::new(server));
    let server = server.await.unwrap();
    let args = [
        "restore",
        text(backup),
        "--yes",
        "--nats-url",
        server.client_url(),
    ];
    let (code, stdout, stderr) = ops(&[&args[..], more].concat()).await;
    let log = JetStreamBackup::new(&connect(server.client_url()).await);
    let log = log.info(EVENTS_STREAM).await.unwrap().unwrap();
    server.stop().await;
    (code, stdout, stderr, log.is_withheld())
}

#[tokio::test]
async fn a_log_that_is_not_sound_is_served_only_if_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    // As anybody could write who may publish there: it is the third message.
    let shard = Shard::of(OrderId::parse(&order).unwrap());
    let connection = connect(&dev.nats().client_url).await;
    let subject = format!("ordertrace.events.{shard}.{order}");
    let stray = connection
        .jetstream()
        .publish(subject, "stray".into())
        .await;
    assert_eq!(stray.unwrap().await.unwrap().sequence, 3);
    back_up(&backup, &there).await;
    drop(dev);

    let (code, _, stderr, is_withheld) = restored(&backup, &folder.path().join("a"), &[]).await;
    assert_eq!(code, Some(3), "{stderr}");
    assert!(
        stderr.contains("position 3") && stderr.contains("nats stream rm"),
        "{stderr}"
    );
    assert!(is_withheld);
    let despite = ["--despite-mismatch"];
    let (code, stdout, stderr, is_withheld) =
        restored(&backup, &folder.path().join("b"), &despite).await;
    assert!(stdout.contains("found not to be sound"), "{stdout}");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("position 3"), "{stderr}");
    assert!(!is_withheld);
}

#[tokio::test]
async fn a_backup_is_restored_as_somebodys_only_if_they_signed_it() {
    let folder = tempfile::tempdir().unwrap();
    let (there, backup) = (folder.path().join("there"), folder.path().join("backup"));
    let dev = Dev::start(&there, &["--checkpoint-every", "50ms"]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    wait_until("there is a checkpoint", PATIENCE, async || {
        let answer = dev.api.get("/audit/checkpoint").await;
        SignedCheckpoint::parse(answer.text.as_bytes()).ok()
    })
    .await;
    back_up(&backup, &there).await;
    drop(dev);

    let origin = "example.com/somebody-else";
    let other = SecretKey::from_seed(origin, KeyUse::Log, [7; 32]).unwrap();
    let other = other.public().to_string();
    let with_key = ["--key", other.as_str()];
    let to = folder.path().join("a");
    let (code, _, stderr, is_withheld) = restored(&backup, &to, &with_key).await;
    assert_eq!((code, is_withheld), (Some(3), true), "{stderr}");
    assert!(stderr.contains(origin), "{stderr}");
    let key = there.join("audit.key.pub");
    let to = folder.path().join("b");
    let with_key = ["--key", text(&key)];
    let (code, stdout, stderr, is_withheld) = restored(&backup, &to, &with_key).await;
    assert_eq!((code, is_withheld), (Some(0), false), "{stderr}");
    assert!(stdout.contains("restored, verified and served"), "{stdout}");
    assert_eq!(stderr, "");
}
