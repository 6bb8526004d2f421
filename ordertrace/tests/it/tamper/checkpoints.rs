//! The checkpoints are changed, beside a log that is what it was, or is not.

use ordertrace_audit::{SecretKey, SignedCheckpoint};

use super::scene::{Scene, sizes};
use crate::harness::Stored;

/// Where a note has what.
const TREE_ROOT: usize = 2;
const MAP_ROOT: usize = 4;
pub(super) const SIGNATURE: usize = 6;

/// Changes a byte in this line of a note, counted from 0, into another letter of base64.
pub(super) fn change_line(checkpoint: &mut Stored, line: usize) {
    let note = String::from_utf8(checkpoint.payload.clone()).unwrap();
    let mut lines: Vec<String> = note.lines().map(str::to_owned).collect();
    let end = lines[line].len() - 8;
    let other = if &lines[line][end..=end] == "A" {
        "B"
    } else {
        "A"
    };
    lines[line].replace_range(end..=end, other);
    checkpoint.payload = format!("{}\n", lines.join("\n")).into_bytes();
}

#[tokio::test]
async fn another_root_is_not_signed_for_and_is_not_that_of_the_log() {
    for (line, code) in [(TREE_ROOT, "wrong-tree-root"), (MAP_ROOT, "wrong-map-root")] {
        let copy = Scene::get().await.copy();
        let number = copy.checkpoints().edit(|checkpoints| {
            let index = checkpoints.len() / 2;
            change_line(&mut checkpoints[index], line);
            checkpoints[index].sequence
        });
        let verdict = copy.verify().await;
        for code in ["bad-signature", code] {
            let message = verdict.finds(code, None);
            assert!(
                message.contains(&format!("checkpoint {number} ")),
                "{message}"
            );
        }
        // Without the key it is still not the log's.
        copy.verify_with(&[]).await.finds_only(code, None);
    }
}

#[tokio::test]
async fn another_signature_is_noticed_by_whoever_has_the_key() {
    let copy = Scene::get().await.copy();
    let number = copy.checkpoints().edit(|checkpoints| {
        let index = checkpoints.len() / 2;
        change_line(&mut checkpoints[index], SIGNATURE);
        checkpoints[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds_only("bad-signature", None);
    assert!(
        message.contains(&format!("checkpoint {number} ")),
        "{message}"
    );
    let verdict = copy.verify_with(&[]).await;
    assert!(verdict.verified()["signedBy"].is_null());
}

#[tokio::test]
async fn checkpoints_that_somebody_else_signed_have_no_signature_of_the_log() {
    let copy = Scene::get().await.copy();
    copy.checkpoints().edit(|checkpoints| {
        for checkpoint in checkpoints {
            let signed = SignedCheckpoint::parse(&checkpoint.payload).unwrap();
            let checkpoint_itself = signed.checkpoint().clone();
            let forger = forger(&checkpoint_itself.origin);
            let forged = SignedCheckpoint::sign(checkpoint_itself, &forger);
            checkpoint.payload = forged.as_str().as_bytes().to_vec();
        }
    });
    let message_of = copy.verify().await;
    let message = message_of.finds_only("missing-signature", None);
    assert!(
        message.contains("checkpoint 1 has no signature by"),
        "{message}"
    );
}

#[tokio::test]
async fn a_checkpoint_that_is_none_is_found() {
    let copy = Scene::get().await.copy();
    let number = copy.checkpoints().edit(|checkpoints| {
        let index = checkpoints.len() / 2;
        checkpoints[index].payload[0] = b'\n';
        checkpoints[index].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds_only("unreadable-checkpoint", None);
    assert!(
        message.contains(&format!("checkpoint {number} ")),
        "{message}"
    );
}

#[tokio::test]
async fn a_checkpoint_that_was_taken_out_is_missing() {
    let copy = Scene::get().await.copy();
    let number = copy.checkpoints().edit(|checkpoints| {
        let index = checkpoints.len() / 2;
        checkpoints.remove(index).sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds_only("missing-checkpoint", None);
    assert!(
        message.contains(&format!("checkpoint {number} is missing")),
        "{message}"
    );
}

#[tokio::test]
async fn the_last_checkpoint_that_was_taken_out_is_missed_by_who_kept_it() {
    let copy = Scene::get().await.copy();
    let left = copy.checkpoints().edit(|checkpoints| {
        checkpoints.pop();
        sizes(checkpoints).pop().unwrap()
    });
    // Whether there was a checkpoint over the rest is what nobody says but the one that was kept.
    let verdict = copy.verify_against(&copy.scene().latest_note()).await;
    let message = verdict.finds_only("vanished-checkpoint", None);
    assert!(message.contains(&format!("is over {left}")), "{message}");
}

#[tokio::test]
async fn checkpoints_that_were_swapped_do_not_rise() {
    let copy = Scene::get().await.copy();
    let number = copy.checkpoints().edit(|checkpoints| {
        let (first, second) = (&checkpoints[0].payload, &checkpoints[1].payload);
        let swapped = (second.clone(), first.clone());
        (checkpoints[0].payload, checkpoints[1].payload) = swapped;
        checkpoints[1].sequence
    });
    let verdict = copy.verify().await;
    let message = verdict.finds_only("not-rising", None);
    assert!(
        message.contains(&format!("checkpoint {number} ")),
        "{message}"
    );
}

#[tokio::test]
async fn a_log_without_checkpoints_is_signed_by_nobody() {
    let copy = Scene::get().await.copy();
    copy.checkpoints().edit(Vec::clear);
    copy.verify().await.finds_only("no-checkpoint", None);
    let verdict = copy.verify_with(&[]).await;
    assert!(verdict.verified()["checkpoint"].is_null());
}

/// A key of the log's name that is not the log's.
fn forger(name: &str) -> SecretKey {
    SecretKey::from_seed(name, ordertrace_audit::KeyUse::Log, [7; 32]).unwrap()
}
