//! What is kept between two starts, and what becomes of it when it is damaged.

use std::{fs, path::PathBuf};

use ordertrace_auditor::{Halt, Settings};
use ordertrace_domain::Sequence;
use rstest::rstest;
use tempfile::TempDir;

use crate::{
    expected::assert_all_right,
    folder::{cut, flip, snapshot, snapshots},
    http::get,
    proofs::assert_everything_is_proven,
    site::{Running, Site, folder, hurried, key},
};

/// A log with a checkpoint over all of it, and the folder of the audit that signed it.
async fn stopped() -> (Site, TempDir) {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    site.write(8).await;
    signed(&site, &running).await;
    running.stop().await;
    (site, folder)
}

async fn signed(site: &Site, running: &Running) {
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
}

/// Goes on, and ends with everything right and proven.
async fn goes_on(site: &Site, folder: &TempDir) {
    let running = site.signer(folder);
    site.write(2).await;
    signed(site, &running).await;
    assert_everything_is_proven(site, &running).await;
    running.stop().await;
    assert_all_right(site).await;
}

#[tokio::test]
async fn a_restart_goes_on_from_what_was_kept() {
    let (site, folder) = stopped().await;
    // It can't be folding this again.
    site.log.lose(Sequence::new(1));
    let running = site.signer(&folder);
    assert_eq!(running.audit.status().position.sequence, site.head().await);
    let status = running.until("ready", |status| status.is_ready()).await;
    assert_eq!(status.halted, None);
    running.stop().await;
}

#[tokio::test]
async fn a_restart_proves_against_the_last_checkpoint_though_nothing_is_new() {
    let (site, folder) = stopped().await;
    for _ in 0..2 {
        let running = site.signer(&folder);
        assert_everything_is_proven(&site, &running).await;
        running.stop().await;
    }
    assert_eq!(site.checkpoints().await.len(), 1);
}

#[tokio::test]
async fn a_folder_that_was_thrown_away_follows_from_the_log() {
    let (site, folder) = stopped().await;
    fs::remove_dir_all(folder.path()).unwrap();
    goes_on(&site, &folder).await;
}

#[tokio::test]
async fn what_was_not_kept_in_a_crash_is_folded_again() {
    let (site, folder) = stopped().await;
    let kept = snapshot(folder.path());
    let running = site.signer(&folder);
    site.write(5).await;
    signed(&site, &running).await;
    running.crash().await;
    assert_eq!(snapshot(folder.path()), kept);
    goes_on(&site, &folder).await;
}

/// The map is kept every so many events, and what was kept before is removed.
#[tokio::test]
async fn the_map_is_kept_on_the_way() {
    let (site, folder) = (Site::new(), folder());
    let settings = hurried(Settings::signer(key())).keeping(30);
    let running = site.audit(folder.path(), settings);
    site.write(5).await;
    signed(&site, &running).await;
    site.write(5).await;
    signed(&site, &running).await;
    // The next look comes after the map was kept.
    site.write(1).await;
    signed(&site, &running).await;
    running.crash().await;
    let name = snapshot(folder.path());
    assert!(name.ends_with("orders-70"), "{}", name.display());
    goes_on(&site, &folder).await;
}

/// A kill while it is kept: the tree is synced, and goes further than the map that there is.
#[derive(Debug, Clone, Copy)]
enum Killed {
    /// Nothing of the new map is written.
    AfterTheTree,
    /// Half of it is.
    WhileWriting,
    /// All of it is, under the other name.
    BeforeTheRename,
    /// It has its name, and the old one is still there.
    BeforeTheRemoval,
}

#[rstest]
#[case(Killed::AfterTheTree)]
#[case(Killed::WhileWriting)]
#[case(Killed::BeforeTheRename)]
#[case(Killed::BeforeTheRemoval)]
#[tokio::test]
async fn a_kill_while_the_map_is_kept_costs_nothing_but_time(#[case] killed: Killed) {
    let (site, folder) = stopped().await;
    let (old, old_bytes) = (
        snapshot(folder.path()),
        fs::read(snapshot(folder.path())).unwrap(),
    );
    let running = site.signer(&folder);
    site.write(3).await;
    signed(&site, &running).await;
    running.stop().await;
    let new = snapshot(folder.path());
    let new_bytes = fs::read(&new).unwrap();
    let half = new.with_extension("tmp");
    fs::write(&old, old_bytes).unwrap();
    match killed {
        Killed::AfterTheTree => fs::remove_file(&new).unwrap(),
        Killed::WhileWriting => {
            fs::remove_file(&new).unwrap();
            fs::write(&half, &new_bytes[..new_bytes.len() / 2]).unwrap();
        }
        Killed::BeforeTheRename => fs::rename(&new, &half).unwrap(),
        Killed::BeforeTheRemoval => {}
    }
    goes_on(&site, &folder).await;
    assert!(!half.exists());
    assert_eq!(snapshots(folder.path()).len(), 1);
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    TreeGone,
    TreeCutOff,
    TreeOtherRoot,
    TreeOtherLeaf,
    MapGone,
    MapCutOff,
    MapOtherByte,
    MapOfNothing,
    PinGone,
    PinGarbage,
}

#[rstest]
#[case(Damage::TreeGone)]
#[case(Damage::TreeCutOff)]
#[case(Damage::TreeOtherRoot)]
#[case(Damage::TreeOtherLeaf)]
#[case(Damage::MapGone)]
#[case(Damage::MapCutOff)]
#[case(Damage::MapOtherByte)]
#[case(Damage::MapOfNothing)]
#[case(Damage::PinGone)]
#[case(Damage::PinGarbage)]
#[tokio::test]
async fn a_damaged_folder_accuses_nobody_and_is_made_anew(#[case] damage: Damage) {
    let (site, folder) = stopped().await;
    let (tree, pin) = (
        folder.path().join("tree"),
        folder.path().join("last-checkpoint"),
    );
    let map = snapshot(folder.path());
    let length = fs::metadata(&tree).unwrap().len();
    match damage {
        Damage::TreeGone => fs::remove_file(&tree).unwrap(),
        Damage::TreeCutOff => cut(&tree, length - 1),
        // The last of 56 leaves fills up a subtree, whose root comes last and is needed for that of the whole.
        Damage::TreeOtherRoot => flip(&tree, usize::try_from(length).unwrap() - 1),
        Damage::TreeOtherLeaf => flip(&tree, 0),
        Damage::MapGone => fs::remove_file(&map).unwrap(),
        Damage::MapCutOff => cut(&map, 100),
        Damage::MapOtherByte => flip(&map, 200),
        Damage::MapOfNothing => fs::write(&map, b"").unwrap(),
        Damage::PinGone => fs::remove_file(&pin).unwrap(),
        Damage::PinGarbage => fs::write(&pin, b"garbage").unwrap(),
    }
    if let Damage::TreeOtherLeaf = damage {
        // Nobody sees it before somebody asks for a proof that needs it.
        let running = site.signer(&folder);
        running.until_signed(site.head().await).await;
        let answer = get(&running.routes, "/audit/proof?position=1").await;
        assert_eq!(answer.problem(), "checkpoint-behind");
        assert_everything_is_proven(&site, &running).await;
        running.stop().await;
    }
    goes_on(&site, &folder).await;
}

#[tokio::test]
async fn a_folder_is_one_process_s() {
    let (site, folder) = stopped().await;
    let running = site.signer(&folder);
    let lock = fs::File::open(folder.path().join("lock")).unwrap();
    assert!(lock.try_lock().is_err());
    running.stop().await;
    assert!(lock.try_lock().is_ok());
}

/// Nothing can be written in the place of the memory of the last checkpoint, as on a full disk.
fn block(folder: &TempDir) -> PathBuf {
    let in_the_way = folder.path().join("last-checkpoint.tmp");
    fs::create_dir(&in_the_way).unwrap();
    in_the_way
}

/// A full disk says nothing of the log: when there is room again, the audit goes on by itself.
#[tokio::test]
async fn a_folder_that_takes_nothing_for_a_while_is_tried_again() {
    let (site, folder) = stopped().await;
    let running = site.signer(&folder);
    running.until_signed(site.head().await).await;
    let in_the_way = block(&folder);
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    let status = running
        .until("in trouble", |status| status.trouble.is_some())
        .await;
    assert!(!status.is_ready());
    assert_eq!(status.halted, None);
    fs::remove_dir(in_the_way).unwrap();
    running.until("ready", |status| status.is_ready()).await;
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    assert_everything_is_proven(&site, &running).await;
    running.stop().await;
    assert_all_right(&site).await;
}

/// It is not tried for ever, and nobody is accused.
#[tokio::test]
async fn a_folder_that_never_takes_anything_ends_the_audit_by_its_own_name() {
    let (site, folder) = stopped().await;
    let running = site.signer(&folder);
    running.until_signed(site.head().await).await;
    block(&folder);
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    let halt = running.until_halted().await;
    assert!(matches!(halt, Halt::Storage(_)), "{halt}");
    running.stop().await;
}
