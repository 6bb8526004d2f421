//! A signer with a witness: what it publishes, also when the witness has seen more than there is, or is gone.

use std::sync::Arc;
use std::time::Duration;

use ordertrace_audit::{KeyUse, SecretKey, SignatureError, SignedCheckpoint};
use ordertrace_auditor::{Auditor, AuditorError, Halt, Settings, SigningPolicy, Witnesses};
use ordertrace_domain::testing::fixtures::{self, drafts, histories};
use ordertrace_domain::testing::{ManualClock, MemoryLog};
use ordertrace_domain::{Checkpoints, EventLog, History, Sequence, StoredCheckpoint};
use rstest::rstest;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::asking::{asking, serve, trouble};
use crate::book::ORIGIN;
use crate::site::{Site, key, witness_key};

/// It is only ever waited out when what is waited for does not happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many events an order has.
const EVENTS: u64 = 7;

fn log_key() -> SecretKey {
    key(ORIGIN, KeyUse::Log, 1)
}

/// An audit at work on a log of its own.
struct Signer {
    log: MemoryLog,
    audit: ordertrace_auditor::Audit,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), AuditorError>>,
    _folder: TempDir,
}

impl Signer {
    fn start(witnesses: &Witnesses) -> Self {
        Self::on(
            MemoryLog::with_clock(Arc::new(ManualClock::new())),
            witnesses,
        )
    }

    fn on(log: MemoryLog, witnesses: &Witnesses) -> Self {
        let clock = Arc::new(ManualClock::new());
        let folder = tempfile::tempdir().unwrap();
        let policy = SigningPolicy {
            events: 1,
            every: Duration::from_secs(5),
        };
        let settings = Settings::signer(log_key())
            .signing(policy)
            .looking(Duration::from_millis(5), Duration::from_millis(100))
            .asking(witnesses.clone());
        let records = Arc::new(log.clone());
        let opened = Auditor::open(folder.path(), records.clone(), records, clock, settings);
        let (audit, auditor) = opened.unwrap();
        let shutdown = CancellationToken::new();
        Self {
            log,
            audit,
            task: tokio::spawn(auditor.run(shutdown.clone())),
            shutdown,
            _folder: folder,
        }
    }

    /// Writes an order, and gives the checkpoint that is published over all there are.
    async fn signed_over_another_order(&self) -> SignedCheckpoint {
        let size = self.log_size().await + EVENTS;
        write_order(&self.log).await;
        let mut status = self.audit.watch_status();
        let is_signed = |status: &ordertrace_auditor::AuditStatus| {
            let last = status.last.as_ref();
            last.is_some_and(|last| last.size == Sequence::new(size))
        };
        let signed = timeout(PATIENCE, status.wait_for(is_signed)).await;
        signed.unwrap().unwrap();
        let last = self.checkpoints().await.pop().unwrap();
        SignedCheckpoint::parse(&last.note).unwrap()
    }

    async fn checkpoints(&self) -> Vec<StoredCheckpoint> {
        let all = Checkpoints::after(&self.log, Sequence::START, usize::MAX);
        all.await.unwrap()
    }

    async fn until_halted(&self) -> Halt {
        let mut status = self.audit.watch_status();
        let halted = timeout(PATIENCE, status.wait_for(|status| status.halted.is_some()));
        halted.await.unwrap().unwrap().halted.clone().unwrap()
    }

    async fn log_size(&self) -> u64 {
        use ordertrace_domain::Records as _;

        self.log.extent().await.unwrap().last.get()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        let ended = timeout(PATIENCE, self.task).await;
        ended.unwrap().unwrap().unwrap();
    }
}

async fn write_order(log: &MemoryLog) {
    let empty = History::empty(fixtures::order_id());
    let happened = histories::completed(fixtures::cash());
    let stored = EventLog::append(log, &empty, drafts(&empty, happened));
    stored.await.unwrap();
}

fn is_cosigned(signed: &SignedCheckpoint) -> bool {
    assert_eq!(signed.check(&log_key().public()), Ok(()));
    match signed.check_cosignature(&witness_key().public()) {
        Ok(_) => true,
        Err(SignatureError::Missing(_)) => false,
        Err(wrong) => panic!("{wrong}"),
    }
}

#[tokio::test]
async fn what_is_published_carries_the_cosignature_of_the_witness() {
    let site = Site::of(&[log_key().public()]);
    let served = serve(ordertrace_auditor::witness_routes(site.witness.clone())).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    let signer = Signer::start(&witnesses);
    for _ in 0..5 {
        assert!(is_cosigned(&signer.signed_over_another_order().await));
    }
    assert_eq!(witnesses.status()[0].size, Sequence::new(5 * EVENTS));
    signer.stop().await;
}

/// A log of three orders that the witness has seen, and the checkpoints over it, both set back to the first order. The
/// audit's own folder is gone with them, so that nobody but the witness can know.
async fn set_back(witnesses: &Witnesses) -> MemoryLog {
    let signer = Signer::start(witnesses);
    for _ in 0..3 {
        assert!(is_cosigned(&signer.signed_over_another_order().await));
    }
    let log = signer.log.clone();
    signer.stop().await;
    log.truncate(Sequence::new(EVENTS));
    log.truncate_checkpoints(Sequence::new(1));
    log
}

#[rstest]
#[case::shorter_than_the_witness_has_seen(1)]
#[case::as_long(2)]
#[case::longer(5)]
#[tokio::test]
async fn after_a_rollback_of_everything_nothing_is_published_any_more(#[case] orders: usize) {
    let site = Site::of(&[log_key().public()]);
    let served = serve(ordertrace_auditor::witness_routes(site.witness.clone())).await;
    let log = set_back(&asking(&witness_key().public(), &[&served])).await;
    // The signer of the restored log is another process.
    let witnesses = asking(&witness_key().public(), &[&served]);
    for _ in 0..orders {
        write_order(&log).await;
    }
    let signer = Signer::on(log, &witnesses);
    let halt = signer.until_halted().await.to_string();
    assert!(halt.contains("witness.example/w1"), "{halt}");
    assert_ne!(trouble(&witnesses), "");
    assert_eq!(signer.checkpoints().await.len(), 1);
    signer.stop().await;
}

/// A log that goes further than what is folded of it has lost nothing: another signer was quicker, and has stopped since.
#[tokio::test]
async fn a_witness_that_has_seen_more_of_the_same_log_is_caught_up_with() {
    let site = Site::of(&[log_key().public()]);
    let served = serve(ordertrace_auditor::witness_routes(site.witness.clone())).await;
    let log = MemoryLog::with_clock(Arc::new(ManualClock::new()));
    let quick = Signer::on(log.clone(), &asking(&witness_key().public(), &[&served]));
    for _ in 0..3 {
        assert!(is_cosigned(&quick.signed_over_another_order().await));
    }
    quick.stop().await;
    // What it signed last was never stored.
    log.truncate_checkpoints(Sequence::new(2));
    let slow = Signer::on(log, &asking(&witness_key().public(), &[&served]));
    assert!(is_cosigned(&slow.signed_over_another_order().await));
    assert_eq!(slow.audit.status().halted, None);
    slow.stop().await;
}

#[tokio::test]
async fn a_witness_that_is_gone_does_not_hold_up_the_checkpoints() {
    let site = Site::of(&[log_key().public()]);
    let served = serve(ordertrace_auditor::witness_routes(site.witness.clone())).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    drop(served);
    let signer = Signer::start(&witnesses);
    for _ in 0..3 {
        assert!(!is_cosigned(&signer.signed_over_another_order().await));
    }
    assert!(
        trouble(&witnesses).contains("can't be reached"),
        "{}",
        trouble(&witnesses)
    );
    signer.stop().await;
}
