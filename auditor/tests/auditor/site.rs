//! A log with orders, and audits of it.

use std::{path::Path, sync::Arc, time::Duration};

use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};
use ordertrace_auditor::{
    Audit, AuditRoutes, AuditStatus, Auditor, AuditorError, Settings, SigningPolicy, api,
};
use ordertrace_domain::{
    Checkpoints, EventLog, History, OrderId, Records, Sequence, StoredCheckpoint,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{self, drafts, histories},
    },
};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what is to happen. It is only ever waited out when it does not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How many events are put under a checkpoint at the latest.
pub(crate) const EVENTS: u64 = 20;

/// How long an event stays without one: longer than any test takes, since an audit also counts the time that really goes by.
pub(crate) const EVERY: Duration = Duration::from_secs(3_600);

/// The key that signs.
pub(crate) fn key() -> SecretKey {
    key_of(1)
}

/// Another key under the same name.
pub(crate) fn key_of(seed: u8) -> SecretKey {
    SecretKey::from_seed("shop.example/orders", KeyUse::Log, [seed; 32]).unwrap()
}

/// Settings under which a test has not to wait.
pub(crate) fn hurried(settings: Settings) -> Settings {
    let policy = SigningPolicy {
        events: EVENTS,
        every: EVERY,
    };
    settings
        .signing(policy)
        .looking(Duration::from_millis(5), Duration::from_millis(100))
}

/// A log, and a clock that stands still.
pub(crate) struct Site {
    pub(crate) log: MemoryLog,
    pub(crate) clock: Arc<ManualClock>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self {
            log: MemoryLog::with_clock(clock.clone()),
            clock,
        }
    }

    /// A log with so many orders, all of them under a checkpoint, and the audit that signed it.
    pub(crate) async fn with_signed(orders: usize) -> (Self, TempDir, Running) {
        let (site, folder) = (Self::new(), folder());
        let running = site.signer(&folder);
        site.write(orders).await;
        site.sign(&running).await;
        (site, folder, running)
    }

    /// Puts all there is under a checkpoint.
    pub(crate) async fn sign(&self, running: &Running) {
        running.until_at(self.head().await).await;
        self.pass();
        running.until_signed(self.head().await).await;
    }

    /// Writes so many orders from their first event to their last: seven events each.
    pub(crate) async fn write(&self, orders: usize) -> Vec<OrderId> {
        let mut ids = Vec::new();
        for _ in 0..orders {
            let empty = History::empty(fixtures::order_id());
            let happened = histories::completed(fixtures::cash());
            let stored = EventLog::append(&self.log, &empty, drafts(&empty, happened));
            stored.await.unwrap();
            ids.push(empty.order_id());
        }
        ids
    }

    /// Where the log ends.
    pub(crate) async fn head(&self) -> Sequence {
        self.log.extent().await.unwrap().last
    }

    /// Every checkpoint there is.
    pub(crate) async fn checkpoints(&self) -> Vec<StoredCheckpoint> {
        let all = Checkpoints::after(&self.log, Sequence::START, usize::MAX);
        all.await.unwrap()
    }

    /// The same, read.
    pub(crate) async fn signed(&self) -> Vec<SignedCheckpoint> {
        let read = |stored: StoredCheckpoint| SignedCheckpoint::parse(&stored.note).unwrap();
        self.checkpoints().await.into_iter().map(read).collect()
    }

    /// An audit that signs.
    pub(crate) fn signer(&self, folder: &TempDir) -> Running {
        self.audit(folder.path(), hurried(Settings::signer(key())))
    }

    /// An audit.
    pub(crate) fn audit(&self, folder: &Path, settings: Settings) -> Running {
        let log = Arc::new(self.log.clone());
        Running::start(folder, log.clone(), log, self.clock.clone(), settings)
    }

    /// Lets the time pass after which a checkpoint is due.
    pub(crate) fn pass(&self) {
        self.clock.advance(EVERY);
    }
}

/// An audit at work.
pub(crate) struct Running {
    pub(crate) audit: Audit,
    pub(crate) routes: axum::Router,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), AuditorError>>,
}

impl Running {
    pub(crate) fn start(
        folder: &Path,
        records: Arc<dyn Records>,
        checkpoints: Arc<dyn Checkpoints>,
        clock: Arc<ManualClock>,
        settings: Settings,
    ) -> Self {
        let opened = Auditor::open(
            folder,
            records.clone(),
            checkpoints,
            clock,
            settings.clone(),
        );
        let (audit, auditor) = opened.unwrap();
        let shutdown = CancellationToken::new();
        let routes = AuditRoutes::new(audit.clone(), records, &settings, shutdown.clone());
        Self {
            audit,
            routes: api(routes).open(),
            task: tokio::spawn(auditor.run(shutdown.clone())),
            shutdown,
        }
    }

    /// Waits until the audit's status is as the test expects it.
    pub(crate) async fn until(
        &self,
        what: &str,
        is_so: impl Fn(&AuditStatus) -> bool,
    ) -> AuditStatus {
        let mut status = self.audit.watch_status();
        match timeout(PATIENCE, status.wait_for(is_so)).await {
            Ok(status) => status.unwrap().clone(),
            Err(_) => panic!("not {what}: {:?}", self.audit.status()),
        }
    }

    /// Waits until the log was folded up to here.
    pub(crate) async fn until_at(&self, position: Sequence) -> AuditStatus {
        self.until("there", |status| status.position.sequence >= position)
            .await
    }

    /// Waits for a checkpoint of this size, or a larger one.
    pub(crate) async fn until_signed(&self, size: Sequence) -> AuditStatus {
        let has = |status: &AuditStatus| status.last.as_ref().is_some_and(|last| last.size >= size);
        self.until(&format!("signed to {size}"), has).await
    }

    /// Waits until it has stopped for good, and gives what it says.
    pub(crate) async fn until_halted(&self) -> ordertrace_auditor::Halt {
        let status = self.until("halted", |status| status.halted.is_some()).await;
        assert!(!status.is_ready());
        status.halted.unwrap()
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        let ended = timeout(PATIENCE, self.task).await.unwrap();
        ended.unwrap().unwrap();
    }

    /// Ends it as a crash would: nothing is kept. Waits until it lets go of its folder.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let ended = timeout(PATIENCE, self.task).await.unwrap();
        assert!(ended.unwrap_err().is_cancelled());
    }
}

/// A folder for an audit.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
