//! The audit of a running system: what it signs is checked with nothing but the public key, across restarts and without
//! its folder.

use std::fs;
use std::path::Path;

use ordertrace_audit::{PublicKey, SignedCheckpoint, Trust, verify_bundle, verify_export};
use serde_json::Value;

use crate::harness::{Dev, PATIENCE, Program, Role, cash_order, signal, wait_until};

/// Checkpoints come quickly.
const HURRIED: [&str; 2] = ["--checkpoint-every", "50ms"];

fn public_key(data: &Path) -> PublicKey {
    let text = fs::read_to_string(data.join("audit.key.pub")).unwrap();
    PublicKey::parse(text.trim_end()).unwrap()
}

fn position(text: &str) -> u64 {
    text.rsplit_once('-').unwrap().1.parse().unwrap()
}

/// The last checkpoint, once it covers so many events; its signature was checked.
async fn checkpoint(dev: &Dev, key: &PublicKey, size: u64) -> SignedCheckpoint {
    wait_until("a checkpoint covers it", PATIENCE, async || {
        let answer = dev.api.get("/audit/checkpoint").await;
        let signed = SignedCheckpoint::parse(answer.text.as_bytes()).ok()?;
        signed.check(key).unwrap();
        (signed.checkpoint().size.get() >= size).then_some(signed)
    })
    .await
}

/// Places an order and waits until it waits for its money; gives its id and where its last event stands.
async fn placed(dev: &Dev) -> (String, u64) {
    let order = dev.api.place(cash_order()).await;
    let trace = dev.api.trace_at(&order, "payment_requested").await;
    let at = position(trace["position"].as_str().unwrap());
    (order, at)
}

async fn status(dev: &Dev) -> Value {
    dev.api.get("/audit/status").await.expect(200).json()
}

async fn stop(mut dev: Dev) {
    signal("TERM", dev.program.pid());
    dev.program.ended().await;
}

/// The order's bundle, checked by the key alone, and against a checkpoint that was kept before.
async fn assert_proven(dev: &Dev, order: &str, at: u64, trust: &Trust) {
    let kept = trust.kept.as_ref();
    let from = kept.map(|kept| format!("&from={}", kept.checkpoint().size));
    let from = from.unwrap_or_default();
    let path = format!("/audit/orders/{order}/proof?after={at}{from}");
    let bundle = dev.api.get(path).await.expect(200);
    let report = verify_bundle(bundle.text.as_bytes(), trust).unwrap();
    assert_eq!((report.events, report.is_kept_unproven()), (2, false));
}

#[tokio::test]
async fn what_was_signed_is_proven_across_restarts_and_without_the_folder() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &HURRIED).await;
    let key = public_key(data.path());
    assert!(dev.program.stdout().contains("audit.key.pub"));
    let (first, at) = placed(&dev).await;
    let kept = checkpoint(&dev, &key, at).await;
    let mut trust = Trust {
        keys: vec![key.clone()],
        ..Trust::default()
    };
    assert_proven(&dev, &first, at, &trust).await;
    trust.kept = Some(kept.clone());
    stop(dev).await;

    for is_folder_kept in [true, false] {
        if !is_folder_kept {
            fs::remove_dir_all(data.path().join("audit")).unwrap();
        }
        let dev = Dev::start(data.path(), &HURRIED).await;
        assert_eq!(public_key(data.path()), key);
        // Nothing is new, and all is proven.
        checkpoint(&dev, &key, kept.checkpoint().size.get()).await;
        assert_proven(&dev, &first, at, &trust).await;
        let (next, at) = placed(&dev).await;
        checkpoint(&dev, &key, at).await;
        assert_proven(&dev, &next, at, &trust).await;
        let export = dev.api.get("/audit/export").await.expect(200);
        let report = verify_export(export.text.as_bytes(), &trust).unwrap();
        assert!(!report.is_kept_unproven());
        let status = status(&dev).await;
        assert_eq!(status["key"], key.to_string());
        assert_eq!(status["halted"], Value::Null);
        assert_eq!(status["faults"]["count"], 0);
        stop(dev).await;
    }
}

/// A monitor beside `dev` has nothing but the public key, and comes to the same.
#[tokio::test]
async fn a_monitor_checks_what_dev_signs() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &HURRIED).await;
    let key = public_key(data.path());
    let (_, at) = placed(&dev).await;
    checkpoint(&dev, &key, at).await;
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--data-dir",
        data.path().to_str().unwrap(),
        "--audit-dir",
        folder.path().to_str().unwrap(),
        "--audit-log-key",
        &key.to_string(),
    ];
    let monitor = Role::start("audit serve", &args).await;
    let proven = wait_until("the monitor has seen it", PATIENCE, async || {
        let status = monitor.api.get("/audit/status").await.expect(200).json();
        (status["provenSize"].as_u64()? >= at).then_some(status)
    })
    .await;
    assert_eq!(proven["mode"], "monitor");
    let asked = format!("/audit/proof?position={at}");
    let proof = monitor.api.get(asked).await.expect(200).json();
    let signed = SignedCheckpoint::parse(proof["checkpoint"].as_str().unwrap().as_bytes());
    signed.unwrap().check(&key).unwrap();
}

#[tokio::test]
async fn keys_are_made_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let args = [
        "audit",
        "keygen",
        "--name",
        "shop.example",
        file.to_str().unwrap(),
    ];
    let mut made = Program::run(args).await;
    assert_eq!(made.code(), Some(0), "{}", made.stderr());
    let key = PublicKey::parse(made.stdout().trim_end()).unwrap();
    assert_eq!(key.name(), "shop.example");
    let mut again = Program::run(args).await;
    assert_eq!(again.code(), Some(1));
    assert!(
        again.stderr().contains("never overwritten"),
        "{}",
        again.stderr()
    );
}

#[tokio::test]
async fn an_audit_that_could_check_nothing_does_not_start() {
    let mut program = Program::run(["audit", "serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(program.code(), Some(2));
    assert!(
        program.stderr().contains("whose signatures count?"),
        "{}",
        program.stderr()
    );
}
