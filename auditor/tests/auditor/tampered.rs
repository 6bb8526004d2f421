//! A log, or checkpoints, that are not what they were: nothing is signed any more, and it is said why.

use std::{fs, sync::Arc};

use ordertrace_auditor::{Halt, Settings};
use ordertrace_domain::{
    RecordedAt, Records, Sequence,
    testing::{AppendFault, MemoryLog},
};
use rstest::rstest;
use tempfile::TempDir;

use crate::{
    expected::roots,
    site::{Running, Site, folder, hurried, key},
};

/// A log of 56 events, with a checkpoint over all of them, and the audit that signed it.
pub(crate) async fn signed() -> (Site, TempDir, Running) {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    site.write(8).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    (site, folder, running)
}

/// The same once the audit has stopped.
async fn stopped() -> (Site, TempDir) {
    let (site, folder, running) = signed().await;
    running.stop().await;
    (site, folder)
}

/// Waits for the halt, lets more happen, and makes sure that nothing more was signed.
pub(crate) async fn halts(site: &Site, running: Running) -> Halt {
    let before = site.checkpoints().await.len();
    let halt = running.until_halted().await;
    let answer = crate::http::get(&running.routes, "/audit/status")
        .await
        .ok();
    assert_eq!(answer.json()["halted"], halt.to_string());
    assert_eq!(answer.json()["isReady"], false);
    running.stop().await;
    assert_eq!(site.checkpoints().await.len(), before);
    halt
}

/// The number of the last checkpoint.
async fn last_number(site: &Site) -> Sequence {
    site.checkpoints().await.last().unwrap().number
}

#[tokio::test]
async fn a_log_that_lost_its_end_between_two_starts() {
    let (site, folder) = stopped().await;
    site.log.truncate(Sequence::new(50));
    let halt = halts(&site, site.signer(&folder)).await;
    let expected = Halt::Truncated {
        expected: Sequence::new(56),
        found: Sequence::new(50),
    };
    assert_eq!(halt, expected);
    assert_eq!(
        halt.to_string(),
        "the log was truncated: it went as far as 56, and now ends at 50"
    );
}

#[tokio::test]
async fn a_log_that_loses_its_end_while_it_is_followed() {
    let (site, _folder, running) = signed().await;
    site.log.truncate(Sequence::new(55));
    let expected = Halt::Truncated {
        expected: Sequence::new(56),
        found: Sequence::new(55),
    };
    assert_eq!(halts(&site, running).await, expected);
}

/// A signer without any folder is not fooled: the checkpoints say how far the log went.
#[tokio::test]
async fn a_log_that_lost_its_end_before_a_new_signer() {
    let (site, _folder) = stopped().await;
    site.log.truncate(Sequence::new(21));
    let halt = halts(&site, site.signer(&folder())).await;
    assert!(
        matches!(halt, Halt::Truncated { found, .. } if found == Sequence::new(21)),
        "{halt}"
    );
}

/// A backup was restored, and orders went on: the log is longer than before, and another.
#[rstest]
#[case::with_the_folder(true)]
#[case::without_it(false)]
#[tokio::test]
async fn an_older_log_that_was_written_to_since(#[case] is_folder_kept: bool) {
    let (site, old) = stopped().await;
    site.log.truncate(Sequence::new(35));
    site.write(5).await;
    let new = folder();
    let folder = if is_folder_kept { &old } else { &new };
    let halt = halts(&site, site.signer(folder)).await;
    let Halt::OtherTree {
        number,
        signed,
        folded,
        ..
    } = &halt
    else {
        panic!("{halt}");
    };
    let signed_over = site.signed().await;
    let at = usize::try_from(number.get()).unwrap() - 1;
    assert_eq!(*signed, signed_over[at].checkpoint().tree_root);
    assert_eq!(
        *folded,
        roots(&site, signed_over[at].checkpoint().size).await.0
    );
    let text = halt.to_string();
    assert!(
        text.contains(&signed.to_string()) && text.contains(&folded.to_string()),
        "{text}"
    );
}

/// The same behind the back of a running signer, which stands at the very size that the other log has again.
#[tokio::test]
async fn a_log_that_is_replaced_under_a_running_signer() {
    let (site, _folder, running) = signed().await;
    // Nothing is published meanwhile, however often it is tried.
    for _ in 0..10_000 {
        site.log.fail_next_checkpoint(AppendFault::NotStored);
    }
    site.write(1).await;
    running.until_at(Sequence::new(63)).await;
    site.log.tamper(Sequence::new(63), |record| {
        record.recorded_at = RecordedAt::from_nanos(record.recorded_at.nanos() + 1);
    });
    site.pass();
    let halt = halts(&site, running).await;
    assert!(
        matches!(halt, Halt::Replaced { position, .. } if position == Sequence::new(63)),
        "{halt}"
    );
}

#[tokio::test]
async fn a_stream_that_was_created_anew() {
    let (site, _folder, running) = signed().await;
    site.log.recreate();
    let halt = running.until_halted().await;
    assert_eq!(halt, Halt::Recreated);
    running.stop().await;
}

/// The new log brings the old checkpoints along, or has none.
#[tokio::test]
async fn another_log_under_an_old_folder() {
    let (site, folder) = stopped().await;
    let new = MemoryLog::with_clock(site.clock.clone());
    let records = Arc::new(new.clone());
    let settings = hurried(Settings::signer(key()));
    let old = Arc::new(site.log.clone());
    let running = Running::start(
        folder.path(),
        records.clone(),
        old,
        site.clock.clone(),
        settings.clone(),
    );
    let halt = running.until_halted().await;
    let expected = Halt::OtherLog {
        number: Sequence::new(1),
        expected: Records::incarnation(&new),
        found: Records::incarnation(&site.log),
    };
    assert_eq!(halt, expected);
    running.stop().await;
    let running = Running::start(
        folder.path(),
        records.clone(),
        records,
        site.clock.clone(),
        settings,
    );
    let halt = running.until_halted().await;
    assert!(matches!(halt, Halt::CheckpointsRolledBack { .. }), "{halt}");
    running.stop().await;
}

#[tokio::test]
async fn an_event_that_is_missing() {
    let (site, _folder) = stopped().await;
    site.log.lose(Sequence::new(30));
    let expected = Halt::Gap {
        expected: Sequence::new(30),
        found: Sequence::new(31),
    };
    assert_eq!(halts(&site, site.signer(&folder())).await, expected);
}

#[tokio::test]
async fn an_event_that_was_changed_before_a_new_signer() {
    let (site, _folder) = stopped().await;
    site.log.tamper(Sequence::new(10), |record| {
        let mut payload = record.payload.to_vec();
        let last = payload.len() - 1;
        payload[last] ^= 1;
        record.payload = payload.into();
    });
    let halt = halts(&site, site.signer(&folder())).await;
    assert!(matches!(halt, Halt::OtherTree { .. }), "{halt}");
}

#[tokio::test]
async fn checkpoints_that_were_rolled_back_between_two_starts() {
    let (site, folder) = stopped().await;
    let number = last_number(&site).await;
    site.log
        .truncate_checkpoints(Sequence::new(number.get() - 1));
    let halt = halts(&site, site.signer(&folder)).await;
    assert_eq!(halt, Halt::CheckpointsRolledBack { number });
}

#[tokio::test]
async fn checkpoints_that_are_rolled_back_under_a_running_signer() {
    let (site, _folder, running) = signed().await;
    let number = last_number(&site).await;
    site.log
        .truncate_checkpoints(Sequence::new(number.get() - 1));
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    assert_eq!(
        halts(&site, running).await,
        Halt::CheckpointsRolledBack { number }
    );
}

#[tokio::test]
async fn a_checkpoint_that_was_changed_where_it_stands() {
    let (site, folder) = stopped().await;
    let number = last_number(&site).await;
    site.log
        .tamper_checkpoint(number, |stored| stored.note[30] ^= 1);
    let halt = halts(&site, site.signer(&folder)).await;
    assert_eq!(halt, Halt::CheckpointsRolledBack { number });
    let halt = halts(&site, site.signer(&crate::site::folder())).await;
    assert!(
        matches!(halt, Halt::Forged { number: at, .. } if at == number),
        "{halt}"
    );
}

/// Deleted one by one, as anybody can who may: the stream still knows how many there were, and takes none in their place.
#[rstest]
#[case::the_newest(false)]
#[case::all(true)]
#[tokio::test]
async fn checkpoints_that_were_deleted_before_a_new_signer(#[case] are_all: bool) {
    let (site, _folder) = stopped().await;
    let last = last_number(&site).await;
    let left = if are_all { 0 } else { last.get() - 1 };
    site.log.lose_checkpoints_after(Sequence::new(left));
    site.write(1).await;
    site.pass();
    let new = folder();
    let running = site.signer(&new);
    running.until_at(site.head().await).await;
    site.pass();
    let halt = halts(&site, running).await;
    let Halt::CheckpointMissing { expected, .. } = halt else {
        panic!("{halt}");
    };
    assert_eq!(expected, Sequence::new(left + 1));
}

/// What was remembered of the newest checkpoint outlives a fold from the first event on, wherever that is interrupted.
#[tokio::test]
async fn the_memory_of_the_newest_checkpoint_does_not_go_back() {
    let (site, folder, running) = signed().await;
    site.write(4).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    running.stop().await;
    let number = last_number(&site).await;
    let pin = folder.path().join("last-checkpoint");
    let remembered = fs::read(&pin).unwrap();
    fs::remove_file(crate::folder::snapshot(folder.path())).unwrap();
    // It comes no further than the first checkpoint.
    site.log.lose(Sequence::new(60));
    let halt = halts(&site, site.signer(&folder)).await;
    assert!(matches!(halt, Halt::Gap { .. }), "{halt}");
    assert_eq!(fs::read(&pin).unwrap(), remembered, "number {number}");
}
