//! A log that was set back as a whole, checkpoints and all, by somebody who owns the machine: only the witness can tell.

use std::fs;
use std::path::Path;

use ordertrace_audit::{PublicKey, SignatureError, SignedCheckpoint};
use ordertrace_domain::Sequence;

use super::book::witness_key;
use super::site::{Running, Site};
use crate::harness::{Dev, PATIENCE, cash_order, signal, wait_until};

/// A `dev` that asks a witness.
struct Shop<'a> {
    data: &'a Path,
    witness: String,
}

impl Shop<'_> {
    async fn start(&self) -> Dev {
        let flags = ["--witness", &self.witness, "--checkpoint-every", "1s"];
        Dev::start(self.data, &flags).await
    }
}

async fn stop(mut dev: Dev) {
    signal("TERM", dev.program.pid());
    assert_eq!(dev.program.ended().await.code(), Some(0));
}

async fn place(dev: &Dev, orders: usize) {
    for _ in 0..orders {
        let order = dev.api.place(cash_order()).await;
        dev.api.trace_at(&order, "payment_requested").await;
    }
}

/// Waits for a checkpoint that is larger than this.
async fn signed_beyond(dev: &Dev, size: Sequence) -> SignedCheckpoint {
    wait_until("a larger checkpoint", PATIENCE, async || {
        let answer = dev.api.get("/audit/checkpoint").await;
        let is_there = answer.status == 200;
        let signed = is_there.then(|| SignedCheckpoint::parse(answer.text.as_bytes()).unwrap());
        signed.filter(|signed| signed.checkpoint().size > size)
    })
    .await
}

fn is_cosigned(signed: &SignedCheckpoint) -> bool {
    match signed.check_cosignature(&witness_key().public()) {
        Ok(_) => true,
        Err(SignatureError::Missing(_)) => false,
        Err(wrong) => panic!("{wrong}"),
    }
}

/// Where the witness stands; it is no longer where every log begins, so it says so.
async fn stands_at(witness: &Running, signed: &SignedCheckpoint) -> Sequence {
    let body = format!("old 0\n\n{}", signed.as_str());
    let (status, text) = witness.ask(body).await;
    assert_eq!(status, 409, "{text}");
    Sequence::new(text.trim_end().parse().unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copied = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &copied);
        } else {
            fs::copy(entry.path(), copied).unwrap();
        }
    }
}

#[tokio::test]
async fn a_log_that_is_set_back_with_all_its_data_stops_the_signer() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let dev = Dev::start(&data, &["--checkpoint-every", "1s"]).await;
    place(&dev, 2).await;
    let early = signed_beyond(&dev, Sequence::START).await;
    stop(dev).await;
    copy(&data, &backup);

    let public = fs::read_to_string(data.join("audit.key.pub")).unwrap();
    let public = PublicKey::parse(public.trim()).unwrap();
    let site = Site::new();
    let witness = Running::start(site.args_for(public.to_string())).await;
    let shop = Shop {
        data: &data,
        witness: format!("{}@{}", witness_key().public(), witness.url),
    };
    let dev = shop.start().await;
    place(&dev, 4).await;
    let seen = signed_beyond(&dev, early.checkpoint().size).await;
    assert_eq!(seen.check(&public), Ok(()));
    assert!(is_cosigned(&seen));
    stop(dev).await;
    let stood_at = stands_at(&witness, &seen).await;

    fs::remove_dir_all(&data).unwrap();
    copy(&backup, &data);
    let dev = shop.start().await;
    place(&dev, 1).await;
    let halted = wait_until("a halt", PATIENCE, async || {
        let status = dev.api.get("/audit/status").await.expect(200).json();
        status["halted"].as_str().map(str::to_owned)
    })
    .await;
    assert!(halted.contains(witness_key().public().name()), "{halted}");
    let last = dev.api.get("/audit/checkpoint").await.expect(200);
    let last = SignedCheckpoint::parse(last.text.as_bytes()).unwrap();
    assert!(
        last.checkpoint().size < stood_at,
        "nothing new is published"
    );
    assert_eq!(stands_at(&witness, &seen).await, stood_at);
    stop(dev).await;
}
