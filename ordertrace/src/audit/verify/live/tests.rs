//! A log in memory, signed for as it grows, and then tampered with.

use std::sync::Mutex;

use ordertrace_audit::{
    Chain, Checkpoint, Frontier, Kept, KeyUse, SecretKey, SignedCheckpoint, Subject, leaf_hash,
};
use ordertrace_domain::testing::{MemoryLog, fixtures};
use ordertrace_domain::{Event, EventLog, Freshness, OrderId};
use uuid::Uuid;

use super::*;

/// So many orders, of this many events each.
const ORDERS: u128 = 6;
const EVENTS_OF_ONE: u64 = 8;
const EVENTS: u64 = 6 * EVENTS_OF_ONE;

fn key() -> SecretKey {
    SecretKey::from_seed("example.com/log", KeyUse::Log, [7; 32]).unwrap()
}

fn order(number: u128) -> OrderId {
    OrderId::parse(&Uuid::from_u128(number + 1).to_string()).unwrap()
}

/// What a signer signs for when the log has come to this size.
async fn signed(log: &MemoryLog, size: u64) -> SignedCheckpoint {
    let span = Span {
        after: Sequence::START,
        upto: Some(Sequence::new(size)),
    };
    let (mut tree, mut chain) = (Frontier::new(), Chain::new());
    let records: Vec<_> = futures::StreamExt::collect(log.scan(span, None)).await;
    for record in records {
        let record = record.unwrap();
        tree.push(leaf_hash(&record));
        chain.follow(&record).unwrap();
    }
    let checkpoint = Checkpoint {
        origin: key().public().name().to_owned(),
        size: tree.size(),
        tree_root: tree.root(),
        incarnation: Records::incarnation(log),
        map_root: chain.map().root(),
    };
    SignedCheckpoint::sign(checkpoint, &key())
}

/// A log of whole orders, signed for after each of them but the last.
async fn log() -> MemoryLog {
    let log = MemoryLog::new();
    for number in 0..ORDERS {
        grow(
            &log,
            number,
            fixtures::histories::completed(fixtures::card()),
        )
        .await;
        if number + 1 < ORDERS {
            let size = log.extent().await.unwrap().last.get();
            let number = u64::try_from(number).unwrap();
            let note = signed(&log, size).await;
            publish(&log, number, &note).await;
        }
    }
    assert_eq!(log.extent().await.unwrap().last, Sequence::new(EVENTS));
    log
}

/// A new order with these events.
async fn grow(log: &MemoryLog, number: u128, events: Vec<Event>) {
    let base = log.load(order(number), Freshness::Current).await.unwrap();
    let drafts = fixtures::drafts(&base, events);
    EventLog::append(log, &base, drafts).await.unwrap();
}

async fn publish(log: &MemoryLog, behind: u64, note: &SignedCheckpoint) {
    let note = note.as_str().as_bytes();
    let appended = Checkpoints::append(log, Sequence::new(behind), note).await;
    appended.unwrap();
}

fn with_key() -> Trust {
    Trust {
        keys: vec![key().public()],
        ..Trust::default()
    }
}

async fn verify(log: &MemoryLog, trust: Trust) -> Result<Report, Refuted> {
    let ports = Ports {
        records: log,
        checkpoints: Some(log),
    };
    let never = CancellationToken::new();
    verify_log(ports, trust, &never, |_| |_| {}).await.unwrap()
}

/// The codes and the positions of what is wrong.
async fn refuted(log: &MemoryLog, trust: Trust) -> Vec<(&'static str, Option<u64>)> {
    let refuted = verify(log, trust).await.unwrap_err();
    let findings = refuted.findings.iter();
    findings
        .map(|told| (told.code, told.position.map(Sequence::get)))
        .collect()
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_verified_and_its_progress_is_told() {
    let log = log().await;
    let ports = Ports {
        records: &log,
        checkpoints: Some(&log),
    };
    let never = CancellationToken::new();
    let (total, seen) = (Mutex::new(None), Mutex::new(Vec::new()));
    let begin = |upto: Sequence| {
        *total.lock().unwrap() = Some(upto.get());
        |position: Sequence| seen.lock().unwrap().push(position.get())
    };
    let report = verify_log(ports, with_key(), &never, begin)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(report.subject, Subject::Log { checkpoints: 5 });
    assert_eq!((report.events, report.orders), (EVENTS, 6));
    assert_eq!(report.signed_by.as_deref(), Some("example.com/log"));
    assert_eq!(*total.lock().unwrap(), Some(EVENTS));
    assert_eq!(*seen.lock().unwrap(), (1..=EVENTS).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_log_without_events_and_one_without_checkpoints_are_verified_as_what_they_are() {
    let empty = verify(&MemoryLog::new(), Trust::default()).await.unwrap();
    assert_eq!((empty.events, empty.checkpoint), (0, None));
    let log = log().await;
    log.truncate_checkpoints(Sequence::START);
    let unsigned = verify(&log, Trust::default()).await.unwrap();
    assert_eq!((unsigned.events, unsigned.checkpoint), (EVENTS, None));
    assert_eq!(refuted(&log, with_key()).await, [("no-checkpoint", None)]);
}

#[tokio::test]
async fn what_is_published_after_the_start_is_left_for_the_next_time() {
    let log = log().await;
    let shutdown = CancellationToken::new();
    let mut reading = Reading::begin(&log, Some(&log), &shutdown).await.unwrap();
    publish(&log, 5, &signed(&log, EVENTS).await).await;
    grow(&log, 99, fixtures::histories::placed(fixtures::cash())).await;
    let (mut records, mut notes) = (0, 0);
    while reading.records.next().await.unwrap().is_some() {
        records += 1;
    }
    while reading.checkpoints.next().await.unwrap().is_some() {
        notes += 1;
    }
    assert_eq!((records, notes), (EVENTS, 5));
}

#[tokio::test]
async fn every_gap_is_found_and_not_only_the_first() {
    let log = log().await;
    for lost in [3, 4, 20, 21] {
        log.lose(Sequence::new(lost));
    }
    let found = refuted(&log, with_key()).await;
    assert_eq!(
        found,
        [("gap", Some(3)), ("gap", Some(20)), ("miscount", None)]
    );
}

#[tokio::test]
async fn a_beginning_and_an_end_that_are_missing_are_found() {
    let log = log().await;
    log.lose(Sequence::new(1));
    assert_eq!(refuted(&log, Trust::default()).await[0], ("gap", Some(1)));
    let log = self::log().await;
    for lost in EVENTS - 1..=EVENTS {
        // No checkpoint covers them: only the server's own count knows of them.
        log.lose(Sequence::new(lost));
    }
    let found = refuted(&log, with_key()).await;
    assert_eq!(found, [("gap", Some(EVENTS - 1)), ("miscount", None)]);
}

#[tokio::test]
async fn a_log_that_lost_what_was_signed_for_was_rolled_back() {
    let log = log().await;
    let kept = signed(&log, EVENTS).await;
    log.truncate(Sequence::new(EVENTS - EVENTS_OF_ONE - 1));
    let found = refuted(&log, Trust::default()).await;
    assert_eq!(found, [("rolled-back", None)]);
    log.truncate_checkpoints(Sequence::new(4));
    verify(&log, with_key()).await.unwrap();
    let trust = Trust {
        kept: Some(kept),
        ..with_key()
    };
    assert_eq!(refuted(&log, trust).await, [("rolled-back", None)]);
}

#[tokio::test]
async fn a_log_that_goes_on_from_a_checkpoint_that_was_kept_is_consistent_with_it() {
    let log = log().await;
    for size in [1, EVENTS_OF_ONE + 3, EVENTS - EVENTS_OF_ONE] {
        let trust = Trust {
            kept: Some(signed(&log, size).await),
            ..with_key()
        };
        assert_eq!(verify(&log, trust).await.unwrap().kept, Kept::Consistent);
    }
    let trust = Trust {
        kept: Some(signed(&log, EVENTS).await),
        ..with_key()
    };
    assert_eq!(refuted(&log, trust).await, [("vanished-checkpoint", None)]);
}

#[tokio::test]
async fn a_payload_that_was_changed_is_found_at_its_position() {
    let log = log().await;
    let tampered = Sequence::new(EVENTS_OF_ONE + 2);
    log.tamper(tampered, |record| {
        let mut bytes = record.payload.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        record.payload = bytes.into();
    });
    let refuted = verify(&log, Trust::default()).await.unwrap_err();
    // The event after it is linked to what it was.
    let position = refuted.first_position().map(Sequence::get);
    assert!(
        [Some(EVENTS_OF_ONE + 2), Some(EVENTS_OF_ONE + 3)].contains(&position),
        "{refuted}"
    );
    assert!(
        refuted
            .findings
            .iter()
            .any(|told| told.code == "wrong-tree-root")
    );
}

#[tokio::test]
async fn another_key_than_the_signers_is_told() {
    let log = log().await;
    let other = SecretKey::from_seed("example.com/log", KeyUse::Log, [8; 32]).unwrap();
    let trust = Trust {
        keys: vec![other.public()],
        ..Trust::default()
    };
    let found = refuted(&log, trust).await;
    assert!(found.contains(&("missing-signature", None)), "{found:?}");
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let log = log().await;
    let ports = Ports {
        records: &log,
        checkpoints: None,
    };
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    let stopped = verify_log(ports, Trust::default(), &shutdown, |_| |_| {}).await;
    assert!(
        matches!(stopped, Err(Failure::Interrupted(_))),
        "{stopped:?}"
    );
}
