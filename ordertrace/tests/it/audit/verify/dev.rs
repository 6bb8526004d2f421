//! The whole way: `dev` signs, somebody keeps a checkpoint, and checks what they were given.

use std::fs;
use std::path::{Path, PathBuf};

use ordertrace_audit::SignedCheckpoint;

use super::super::{complete, place_some};
use super::{Ended, findings, sealed::changed, text};
use crate::harness::{Dev, LogReader, PATIENCE, wait_until};

/// A checkpoint soon after each order.
const OFTEN: [&str; 2] = ["--checkpoint-every", "1s"];

/// Waits until somebody has signed for all that is in the log, and keeps what was signed.
async fn keep(dev: &Dev, file: &Path) {
    let log = LogReader::of_server(&dev.nats()).await.read().await;
    let last = log.head.sequence;
    let note = wait_until("the end of the log is signed for", PATIENCE, async || {
        let answer = dev.api.get("/audit/checkpoint").await;
        let note = SignedCheckpoint::parse(answer.text.as_bytes()).ok()?;
        (note.checkpoint().size >= last).then_some(answer.text)
    });
    fs::write(file, note.await).unwrap();
}

/// A `dev`, its public key, and a folder outside.
struct Shop {
    dev: Dev,
    key: PathBuf,
    folder: tempfile::TempDir,
    _data: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self {
            dev: Dev::start(data.path(), &OFTEN).await,
            key: data.path().join("audit.key.pub"),
            folder: tempfile::tempdir().unwrap(),
            _data: data,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self) -> String {
        format!("http://{}", self.dev.addr)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_proven_and_the_log_goes_on_from_what_was_kept() {
    let shop = Shop::open().await;
    let orders = place_some(&shop.dev, 3).await;
    let (kept, url) = (shop.path("kept.note"), shop.url());
    keep(&shop.dev, &kept).await;
    complete(&shop.dev, &orders[1]).await;
    keep(&shop.dev, &shop.path("later.note")).await;

    let trust = ["--key", text(&shop.key), "--checkpoint", text(&kept)];
    let nats = shop.dev.nats().client_url;
    let live = [&["verify", "--nats-url", &nats], &trust[..]].concat();
    let live = Ended::of(&live)
        .await
        .with(0)
        .says(&["signed by   localhost/ordertrace-"]);
    assert_eq!(live.stderr, "");

    let file = shop.path("bundle");
    let words = ["prove", &orders[1], "--url", &url, "-o", text(&file)];
    Ended::of(&[&words, &trust[..]].concat()).await.with(0);
    let verify = [&["verify", text(&file)], &trust[..]].concat();
    Ended::of(&verify).await.with(0).says(&[
        &orders[1],
        "these are all events of the order up to the checkpoint",
        "goes on from the checkpoint that was kept",
    ]);
    let flipped = changed(&file, "flipped", |bytes| {
        let at = String::from_utf8(bytes.clone())
            .unwrap()
            .find("\"payload\":\"")
            .unwrap()
            + 60;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    });
    let refuted = Ended::of(&["verify", text(&flipped), "-o", "json"])
        .await
        .with(3)
        .json();
    assert!(
        findings(&refuted)
            .iter()
            .any(|(code, _)| *code == "wrong-leaf"),
        "{refuted:#}"
    );

    let none = shop.path("none");
    let stranger = "01890a5d-ac96-774b-bcce-b302099a8057";
    let words = ["prove", stranger, "--url", &url, "-o", text(&none)];
    let told = [
        stranger,
        "can't be proven",
        "has no event of it at its checkpoint at ",
    ];
    Ended::of(&words).await.with(1).tells(&told);
    assert!(!none.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_the_log_is_proven_event_by_event_and_it_is_said_what_that_leaves_open() {
    let shop = Shop::open().await;
    place_some(&shop.dev, 4).await;
    keep(&shop.dev, &shop.path("kept.note")).await;
    let (file, url, nats) = (shop.path("part"), shop.url(), shop.dev.nats().client_url);
    let words = [
        "export",
        text(&file),
        "--type",
        "OrderPlaced",
        "--url",
        &url,
        "--nats-url",
        &nats,
    ];
    Ended::of(&words).await.with(0);
    let verify = ["verify", text(&file), "--key", text(&shop.key)];
    Ended::of(&verify).await.with(0).says(&[
        "filtered by type OrderPlaced",
        "each event stands in the log",
        "that nothing that matches the filter was left out",
    ]);
    let lines = fs::read_to_string(&file).unwrap();
    let second: serde_json::Value = serde_json::from_str(lines.lines().nth(2).unwrap()).unwrap();
    let flipped = changed(&file, "flipped", |bytes| {
        let line = bytes.split_mut(|byte| *byte == b'\n').nth(2).unwrap();
        let text = String::from_utf8(line.to_vec()).unwrap();
        let at = text.find("\"payload\":\"").unwrap() + 60;
        line[at] = if line[at] == b'A' { b'B' } else { b'A' };
    });
    let refuted = Ended::of(&["verify", text(&flipped), "-o", "json"])
        .await
        .with(3)
        .json();
    assert_eq!(refuted["firstPosition"], second["position"]);
    // A part can't show that the log goes on from an older checkpoint, and is no success if that was asked for.
    place_some(&shop.dev, 1).await;
    keep(&shop.dev, &shop.path("later.note")).await;
    let later = shop.path("later.part");
    let words = [
        "export",
        text(&later),
        "--type",
        "OrderPlaced",
        "--url",
        &url,
        "--nats-url",
        &nats,
    ];
    Ended::of(&words).await.with(0);
    let kept = shop.path("kept.note");
    let verify = [
        "verify",
        text(&later),
        "--checkpoint",
        text(&kept),
        "-o",
        "json",
    ];
    let open = Ended::of(&verify)
        .await
        .with(1)
        .tells(&["can't show", "audit prove ORDER"]);
    assert_eq!(open.json()["verdict"], "not-shown");
}
