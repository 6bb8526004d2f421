//! When checkpoints are signed, and over what.

use std::time::Duration;

use ordertrace_auditor::{AuditStatus, Settings, SigningPolicy};
use ordertrace_domain::{
    Sequence,
    testing::{AppendFault, ManualClock, fixtures},
};
use rstest::rstest;

use crate::{
    expected::assert_all_right,
    site::{EVENTS, Site, folder, hurried, key},
};

#[tokio::test]
async fn enough_events_are_put_under_a_checkpoint_at_once() {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    for _ in 0..20 {
        site.write(1).await;
        running.until_at(site.head().await).await;
    }
    let head = site.head().await;
    let enough = Sequence::new(head.get() - EVENTS + 1);
    running.until_signed(enough).await;
    assert!(
        site.checkpoints().await.len() >= 5,
        "140 events, 20 at a time"
    );
    assert_all_right(&site).await;
    running.stop().await;
}

#[tokio::test]
async fn a_lone_event_is_put_under_a_checkpoint_in_time() {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    site.write(1).await;
    site.pass();
    running.until_signed(site.head().await).await;
    let sizes: Vec<_> = site
        .signed()
        .await
        .iter()
        .map(|it| it.checkpoint().size.get())
        .collect();
    assert_eq!(sizes, [7, 14]);
    assert_all_right(&site).await;
    running.stop().await;
}

#[tokio::test]
async fn without_a_new_event_nothing_is_signed() {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    for size in [7, 14] {
        for _ in 0..10 {
            site.pass();
        }
        site.write(1).await;
        site.pass();
        running.until_signed(Sequence::new(size)).await;
    }
    running.stop().await;
    let running = site.signer(&folder);
    site.pass();
    running.until_signed(site.head().await).await;
    running.stop().await;
    assert_eq!(site.checkpoints().await.len(), 2);
}

#[tokio::test]
async fn a_record_that_is_no_event_is_told_and_signing_goes_on() {
    let (site, folder) = (Site::new(), folder());
    let orders = site.write(1).await;
    let running = site.signer(&folder);
    let first = site.log.write_foreign(orders[0], b"garbage");
    site.log.write_foreign(fixtures::order_id(), b"");
    site.write(3).await;
    let status = running.until_at(site.head().await).await;
    assert_eq!((status.faults.count, status.faults.first), (2, Some(first)));
    let is_ready = |status: &AuditStatus| status.is_ready();
    running
        .until("ready: it is an alarm, and no reason to stop", is_ready)
        .await;
    site.pass();
    running.until_signed(site.head().await).await;
    assert_all_right(&site).await;
    running.stop().await;
    let running = site.signer(&folder);
    assert_eq!(
        running.audit.status().faults,
        status.faults,
        "it is remembered"
    );
    running.stop().await;
}

#[rstest]
#[case(AppendFault::Conflict)]
#[case(AppendFault::StoredButUnknown)]
#[case(AppendFault::LostAndUnknown)]
#[case(AppendFault::NotStored)]
#[tokio::test]
async fn whatever_an_append_comes_to_each_checkpoint_is_there_once(#[case] fault: AppendFault) {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    for size in [7, 14, 21] {
        site.log.fail_next_checkpoint(fault);
        site.write(1).await;
        running.until_at(Sequence::new(size)).await;
        site.pass();
        running.until_signed(Sequence::new(size)).await;
    }
    assert_eq!(site.checkpoints().await.len(), 3);
    assert_all_right(&site).await;
    running.stop().await;
}

#[tokio::test]
async fn a_log_out_of_reach_is_waited_for() {
    let (site, folder) = (Site::new(), folder());
    site.write(2).await;
    site.log.unavailable(true);
    let running = site.signer(&folder);
    site.pass();
    site.log.unavailable(false);
    running.until("ready", |status| status.is_ready()).await;
    site.pass();
    running.until_signed(site.head().await).await;
    assert_all_right(&site).await;
    running.stop().await;
}

/// The clock stands still, as one does for as long that was set back: what has happened waits no longer for that.
#[tokio::test]
async fn a_clock_that_was_set_back_does_not_put_off_a_checkpoint() {
    let (site, folder) = (Site::new(), folder());
    let policy = SigningPolicy {
        events: 1_000,
        every: Duration::from_millis(50),
    };
    let settings = hurried(Settings::signer(key())).signing(policy);
    let running = site.audit(folder.path(), settings);
    for size in [7, 14] {
        site.clock
            .set(ManualClock::START.before(Duration::from_secs(3_600 * size)));
        site.write(1).await;
        running.until_signed(Sequence::new(size)).await;
    }
    assert_all_right(&site).await;
    running.stop().await;
}
