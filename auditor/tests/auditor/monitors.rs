//! Audits without a key: they check what others sign.

use ordertrace_audit::{Checkpoint, SignedCheckpoint};
use ordertrace_auditor::{Halt, Settings};
use ordertrace_domain::{Checkpoints, Records, Sequence};

use crate::{
    expected::roots,
    http::get,
    site::{Site, folder, hurried, key, key_of},
    tampered::{halts, signed},
};

/// More than the audit keeps of the log's last stretch.
const TRAIL_EVENTS: usize = 200_001;

#[tokio::test]
async fn a_monitor_checks_what_a_signer_signs_and_proves_against_it() {
    let (site, folders) = (Site::new(), [folder(), folder()]);
    let settings = hurried(Settings::monitor(vec![key().public()]));
    let monitor = site.audit(folders[1].path(), settings);
    // The monitor is ahead of the first checkpoint by the time it sees it.
    site.write(2).await;
    monitor.until_at(site.head().await).await;
    let signer = site.signer(&folders[0]);
    signer.until_at(site.head().await).await;
    site.pass();
    signer.until_signed(site.head().await).await;
    let status = monitor.until_signed(site.head().await).await;
    assert!(status.is_ready());
    let proven = get(&monitor.routes, "/audit/status").await.ok().json();
    assert_eq!(
        (&proven["mode"], &proven["provenSize"]),
        (&"monitor".into(), &14.into())
    );
    for running in [&signer, &monitor] {
        let proof = get(&running.routes, "/audit/proof?position=3").await.ok();
        assert_eq!(proof.json()["size"], 14);
    }
    signer.stop().await;
    monitor.stop().await;
}

#[tokio::test]
async fn a_monitor_does_not_accept_another_key() {
    let (site, folders) = (Site::new(), [folder(), folder()]);
    let signer = site.audit(folders[0].path(), hurried(Settings::signer(key_of(2))));
    site.write(5).await;
    signer.until_at(site.head().await).await;
    site.pass();
    signer.until_signed(site.head().await).await;
    let settings = hurried(Settings::monitor(vec![key().public()]));
    let monitor = site.audit(folders[1].path(), settings);
    let halt = monitor.until_halted().await;
    let Halt::Forged { number, why } = halt else {
        panic!("{halt}");
    };
    assert_eq!(number, Sequence::new(1));
    assert!(why.contains("no signature by shop.example/orders"), "{why}");
    monitor.stop().await;
    signer.stop().await;
}

#[tokio::test]
async fn after_a_change_of_keys_both_count() {
    let (site, folders) = (Site::new(), [folder(), folder()]);
    let old = site.signer(&folders[0]);
    site.write(3).await;
    old.until_at(site.head().await).await;
    site.pass();
    old.until_signed(site.head().await).await;
    old.stop().await;
    let settings = Settings::signer(key_of(2)).accepting([key().public()]);
    let new = site.audit(folders[1].path(), hurried(settings));
    site.write(1).await;
    site.pass();
    new.until_signed(site.head().await).await;
    let signed = site.signed().await;
    signed.last().unwrap().check(&key_of(2).public()).unwrap();
    new.stop().await;
}

/// The signer was away while the log went on and on: what it signs first, on its way back, is too far back for a monitor that
/// was level with the log all the time. That is told, and not passed over.
#[tokio::test]
async fn a_checkpoint_of_which_only_the_tree_is_compared_is_counted() {
    let (site, folder) = (Site::new(), folder());
    let order = site.write(1).await[0];
    let size = site.head().await;
    let (tree_root, map_root) = roots(&site, size).await;
    let settings = hurried(Settings::monitor(vec![key().public()]));
    let monitor = site.audit(folder.path(), settings);
    for _ in 0..TRAIL_EVENTS {
        site.log.write_foreign(order, b"");
    }
    monitor.until_at(site.head().await).await;
    let checkpoint = Checkpoint {
        origin: key().public().name().to_owned(),
        size,
        tree_root,
        incarnation: Records::incarnation(&site.log),
        map_root,
    };
    let signed = SignedCheckpoint::sign(checkpoint, &key());
    let note = signed.as_str().as_bytes();
    let added = Checkpoints::append(&site.log, Sequence::START, note);
    added.await.unwrap();
    let status = monitor.until_signed(size).await;
    assert_eq!((status.maps_not_compared, status.halted), (1, None));
    let told = get(&monitor.routes, "/audit/status").await.ok().json();
    assert_eq!(told["mapsNotCompared"], 1);
    monitor.stop().await;
}

/// Nobody signs, so nobody is told by a refusal.
#[tokio::test]
async fn checkpoints_that_are_rolled_back_under_a_running_monitor() {
    let (site, _folder, running) = signed().await;
    running.stop().await;
    let new = folder();
    let settings = hurried(Settings::monitor(vec![key().public()]));
    let monitor = site.audit(new.path(), settings);
    monitor.until_signed(site.head().await).await;
    let number = site.checkpoints().await.last().unwrap().number;
    site.log
        .truncate_checkpoints(Sequence::new(number.get() - 1));
    assert_eq!(
        halts(&site, monitor).await,
        Halt::CheckpointsRolledBack { number }
    );
}
