//! The log of one shop, which each test changes a copy of: orders, and the checkpoints that its `audit` role has signed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use ordertrace_audit::SignedCheckpoint;
use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::verdict::Verdict;
use crate::harness::{
    Dev, Log, LogReader, PATIENCE, Store, Stored, cash_order, copy_folder, copy_streams, signal,
    wait_until,
};

/// Orders that are placed at a time. Two of three wait for cash and have two events each; the others are paid by card at
/// once and have a handful.
const ORDERS: usize = 20;

/// A checkpoint every few events, and one soon after the last one.
pub(super) const OFTEN: [&str; 4] = ["--checkpoint-events", "25", "--checkpoint-every", "1s"];

/// The folder of its audit.
const AUDIT: &str = "audit";

/// Where it remembers the newest checkpoint that it accepted.
const LAST_CHECKPOINT: &str = "audit/last-checkpoint";

/// What stays the same for all tests.
pub(super) struct Scene {
    folder: TempDir,
}

/// The scene that was made last, for as long as a test of this process uses it.
static LAST: Mutex<Weak<Scene>> = Mutex::const_new(Weak::new());

impl Scene {
    /// The scene, made by the first test that asks for it.
    pub(super) async fn get() -> Arc<Self> {
        let mut last = LAST.lock().await;
        if let Some(scene) = last.upgrade() {
            return scene;
        }
        let scene = Arc::new(Self::play().await);
        *last = Arc::downgrade(&scene);
        scene
    }

    /// A shop has some orders, is closed, has some more, and is closed again.
    async fn play() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scene = Self { folder };
        let shop = scene.path("shop");
        scene.open_until_signed(&shop, "earlier.note").await;
        copy_shop(&shop, &scene.path("earlier"));
        scene.open_until_signed(&shop, "latest.note").await;
        scene
    }

    /// Opens the shop for some orders, and keeps the checkpoint over all of them.
    async fn open_until_signed(&self, shop: &Path, note: &str) {
        let dev = Dev::start(shop, &OFTEN).await;
        sell(&dev).await;
        let kept = signed_head(&dev).await;
        fs::write(self.path(note), kept.as_str()).unwrap();
        close(dev).await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of the log's public key.
    fn key(&self) -> PathBuf {
        self.path("shop").join("audit.key.pub")
    }

    /// A file of the checkpoint that somebody kept when the shop was first closed.
    pub(super) fn earlier_note(&self) -> PathBuf {
        self.path("earlier.note")
    }

    /// A file of the one that somebody kept at the end.
    pub(super) fn latest_note(&self) -> PathBuf {
        self.path("latest.note")
    }

    /// The store at the end, to be changed.
    pub(super) fn copy(self: Arc<Self>) -> Copy {
        let data = tempfile::tempdir().unwrap();
        copy_shop(&self.path("shop"), data.path());
        Copy { data, scene: self }
    }

    /// A stream as it was when the shop was first closed.
    pub(super) fn earlier(&self, stream: &'static str) -> Store {
        Store::of(&self.path("earlier"), stream)
    }

    /// The whole data folder, keys included, as it was when the shop was first closed.
    pub(super) fn copy_of_earlier(&self) -> TempDir {
        let data = tempfile::tempdir().unwrap();
        copy_shop(&self.path("earlier"), data.path());
        data
    }
}

/// A store that somebody has changed, or is about to.
pub(super) struct Copy {
    data: TempDir,
    scene: Arc<Scene>,
}

impl Copy {
    /// What became of a store of this scene.
    pub(super) fn of(data: TempDir, scene: &Arc<Scene>) -> Self {
        Self {
            data,
            scene: Arc::clone(scene),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.data.path()
    }

    pub(super) fn scene(&self) -> &Scene {
        &self.scene
    }

    pub(super) fn events(&self) -> Store {
        Store::of(self.path(), EVENTS_STREAM)
    }

    pub(super) fn checkpoints(&self) -> Store {
        Store::of(self.path(), CHECKPOINTS_STREAM)
    }

    /// Removes what the audit has kept for its next start, as whoever owns the machine can.
    pub(super) fn forget_audit(&self) {
        fs::remove_dir_all(self.path().join(AUDIT)).unwrap();
    }

    /// Removes what follows from the log, and leaves the memory of the last checkpoint.
    pub(super) fn forget_fold(&self) {
        let last = fs::read(self.path().join(LAST_CHECKPOINT)).unwrap();
        self.forget_audit();
        fs::create_dir(self.path().join(AUDIT)).unwrap();
        fs::write(self.path().join(LAST_CHECKPOINT), last).unwrap();
    }

    /// Verifies what is stored, with the log's key.
    pub(super) async fn verify(&self) -> Verdict {
        let key = self.scene.key();
        self.verify_with(&["--key", text(&key)]).await
    }

    /// The same, beside a checkpoint that was kept outside.
    pub(super) async fn verify_against(&self, note: &Path) -> Verdict {
        let key = self.scene.key();
        let more = ["--key", text(&key), "--checkpoint", text(note)];
        self.verify_with(&more).await
    }

    /// Starts a server on what is stored, and verifies it.
    pub(super) async fn verify_with(&self, more: &[&str]) -> Verdict {
        let server = ManagedServer::start(StartOptions::new(self.path()));
        let server = server.await.unwrap();
        let source = ["--nats-url", server.client_url()];
        let verdict = Verdict::of(&[&source, more].concat()).await;
        server.stop().await;
        verdict
    }

    /// The positions that the checkpoint which first covers this one, covers first.
    pub(super) fn among(&self, position: u64) -> (u64, u64) {
        let mut after = 0;
        for size in sizes(&self.checkpoints().messages()) {
            if position <= size {
                return (after + 1, size);
            }
            after = size;
        }
        panic!("no checkpoint covers position {position}");
    }
}

/// The sizes of checkpoints.
pub(super) fn sizes(checkpoints: &[Stored]) -> Vec<u64> {
    let sizes = checkpoints.iter().map(|message| {
        let signed = SignedCheckpoint::parse(&message.payload).unwrap();
        signed.checkpoint().size.get()
    });
    sizes.collect()
}

/// Places orders of both kinds in turn, waits until they have come as far as they can, and gives their ids.
pub(super) async fn sell(dev: &Dev) -> Vec<String> {
    let mut orders = Vec::new();
    for place in 0..ORDERS {
        let order = match place % 3 {
            0 => dev.api.place_by_card(1_000).await,
            _ => dev.api.place(cash_order()).await,
        };
        orders.push(order);
    }
    let reader = LogReader::of_server(&dev.nats()).await;
    reader.read_until(PATIENCE, Log::is_settled).await;
    orders
}

/// Waits for the checkpoint over all that the log has.
pub(super) async fn signed_head(dev: &Dev) -> SignedCheckpoint {
    let reader = LogReader::of_server(&dev.nats()).await;
    wait_until("all events are signed for", PATIENCE, async || {
        let answer = dev.api.get("/audit/checkpoint").await;
        let signed = SignedCheckpoint::parse(answer.text.as_bytes()).ok()?;
        let head = reader.read().await.head.sequence;
        (signed.checkpoint().size == head).then_some(signed)
    })
    .await
}

/// Tells `dev` to end, and waits until it and its server are gone.
pub(super) async fn close(mut dev: Dev) {
    signal("TERM", dev.program.pid());
    assert!(dev.program.ended().await.success());
}

/// Copies the streams of a stopped `dev`, its keys, and the folder of its audit.
fn copy_shop(from: &Path, to: &Path) {
    copy_streams(from, to);
    copy_folder(&from.join(AUDIT), &to.join(AUDIT));
    for name in ["audit.key", "audit.key.pub"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
