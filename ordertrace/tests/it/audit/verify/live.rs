//! The log itself, with its checkpoints.

use futures::TryFutureExt as _;
use ordertrace_audit::KeyUse;
use serde_json::json;

use super::{
    Ended, findings,
    sealed::{Sealed, key},
    text,
};

async fn verify(log: &Sealed, more: &[&str]) -> Ended {
    let words = ["verify", "--nats-url", log.nats_url()];
    Ended::of(&[&words, more].concat()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_verified_with_all_its_checkpoints_and_those_who_signed_them() {
    let log = Sealed::with_orders(3).await;
    let unsigned = verify(&log, &[]).await.with(0);
    unsigned
        .says(&["its 0 checkpoints", "nobody: there is no checkpoint"])
        .tells(&["integrity only"]);

    let kept = log.seal("kept.note").await;
    log.place(2).await;
    log.seal("later.note").await;
    log.place(4).await;
    let key_file = log.key_file();
    let witness = key(KeyUse::Witness, 9).public().to_string();
    let trust = [
        "--key",
        text(&key_file),
        "--checkpoint",
        text(&kept),
        "--witness",
        &witness,
    ];
    let signed = verify(&log, &trust).await.with(0);
    let signed = signed.says(&[
        "as it is stored, and its 2 checkpoints",
        "9, positions 1 to 9, of 9 orders",
        "checkpoint  5 of test.example/log",
        "4 events after the checkpoint",
        "signed by   test.example/log",
        "seen by     test.example/witness at 2023-11-14",
        "goes on from the checkpoint that was kept",
    ]);
    assert_eq!(signed.stderr, "");
    let report = verify(&log, &[&trust[..], &["-o", "json"]].concat())
        .await
        .with(0)
        .json();
    assert_eq!(report["subject"], json!({"kind": "log", "checkpoints": 2}));
    assert_eq!(report["notCovered"], 4);
    assert_eq!(report["kept"], "consistent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_key_another_log_and_no_log_are_told_apart() {
    let log = Sealed::with_orders(2).await;
    let kept = log.seal("kept.note").await;
    let other = key(KeyUse::Log, 8).public().to_string();
    let refuted = verify(&log, &["--key", &other, "-o", "json"])
        .await
        .with(3)
        .json();
    assert_eq!(findings(&refuted), [("missing-signature", None)]);

    let another = Sealed::with_orders(3).await;
    another.seal("another.note").await;
    let words = ["--checkpoint", text(&kept), "-o", "json"];
    let refuted = verify(&another, &words).await.with(3).json();
    assert_eq!(findings(&refuted), [("recreated", None)]);

    let nowhere = ["verify", "--nats-url", "nats://127.0.0.1:1"];
    Ended::of(&nowhere).await.with(4);
    let folder = tempfile::tempdir().unwrap();
    let nobody = ["verify", "--data-dir", text(folder.path())];
    Ended::of(&nobody)
        .await
        .with(4)
        .tells(&["no `ordertrace dev` runs"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stray_message_is_named_by_its_position() {
    let log = Sealed::with_orders(2).await;
    let order = &log.place(1).await[0];
    log.stray(order).await;
    log.place(1).await;
    let refuted = verify(&log, &[]).await.with(3);
    let refuted = refuted.says(&["first bad   position 4", "[broken-chain]"]);
    assert!(
        refuted.stderr.contains("position 4: "),
        "{}",
        refuted.stderr
    );
    let refuted = verify(&log, &["-o", "json"]).await.with(3).json();
    assert_eq!(refuted["firstPosition"], 4);
    assert_eq!(findings(&refuted), [("broken-chain", Some(4))]);
}

impl Sealed {
    /// What anybody could write who may publish on an order's subject.
    async fn stray(&self, order: &str) {
        let order = ordertrace_domain::OrderId::parse(order).unwrap();
        let subject = ordertrace_domain::event_subject(order);
        let context = self.connection().jetstream();
        let sent = context.publish(subject, "stray".into());
        sent.and_then(|ack| async { ack.await }).await.unwrap();
    }
}
