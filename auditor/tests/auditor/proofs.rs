//! The proofs that are given out, checked as their readers check them.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{
    SignedCheckpoint, Trust, check_consistency, check_inclusion, leaf_hash, verify_bundle,
};
use ordertrace_domain::{Hash, Sequence, order_of_subject, testing::fixtures};
use rstest::rstest;
use serde_json::Value;

use crate::{
    expected::records,
    http::{Answer, get},
    site::{PATIENCE, Running, Site, folder, key},
};

fn hash(value: &Value) -> Hash {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    Hash::from_bytes(bytes.try_into().unwrap())
}

fn path(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}

/// The checkpoint in an answer, once its signature was checked.
fn checkpoint(note: &str) -> SignedCheckpoint {
    let signed = SignedCheckpoint::parse(note.as_bytes()).unwrap();
    signed.check(&key().public()).unwrap();
    signed
}

/// Asks again as long as the audit is behind.
async fn patiently(running: &Running, path: &str) -> Answer {
    let asking = async {
        loop {
            let answer = get(&running.routes, path).await;
            if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap()
}

/// Each event is in the tree of the last checkpoint, each order's bundle verifies, and so does each step from an older size.
pub(crate) async fn assert_everything_is_proven(site: &Site, running: &Running) {
    running.until_signed(site.head().await).await;
    let note = patiently(running, "/audit/proof?position=1")
        .await
        .ok()
        .json();
    let signed = checkpoint(note["checkpoint"].as_str().unwrap());
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().tree_root);
    assert_eq!(size, site.head().await);
    for record in records(site, size).await {
        let position = record.sequence;
        let asked = format!("/audit/proof?position={position}");
        let proof = patiently(running, &asked).await.ok().json();
        let leaf = leaf_hash(&record);
        assert_eq!(hash(&proof["leafHash"]), leaf);
        check_inclusion(&path(&proof["proof"]), position, leaf, size, root).unwrap();
        let order = order_of_subject(&record.subject).unwrap();
        let asked = format!("/audit/orders/{order}/proof");
        let bundle = patiently(running, &asked).await.ok().bytes;
        let trust = Trust {
            keys: vec![key().public()],
            ..Trust::default()
        };
        let report = verify_bundle(&bundle, &trust).unwrap();
        assert_eq!(report.checkpoint.unwrap(), signed);
    }
}

/// A log of eight orders under several checkpoints.
async fn signed() -> (Site, tempfile::TempDir, Running) {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    for _ in 0..4 {
        site.write(2).await;
        running.until_at(site.head().await).await;
        site.pass();
        running.until_signed(site.head().await).await;
    }
    (site, folder, running)
}

#[tokio::test]
async fn every_event_and_every_order_is_proven() {
    let (site, _folder, running) = signed().await;
    assert_everything_is_proven(&site, &running).await;
    running.stop().await;
}

#[tokio::test]
async fn each_checkpoint_is_proven_to_go_on_from_each_one_before() {
    let (site, _folder, running) = signed().await;
    let signed = site.signed().await;
    assert!(signed.len() >= 4);
    for new in &signed {
        for old in signed.iter().map(SignedCheckpoint::checkpoint) {
            let new = new.checkpoint();
            if old.size > new.size {
                continue;
            }
            let asked = format!("/audit/consistency?from={}&to={}", old.size, new.size);
            let proof = get(&running.routes, &asked).await.ok().json();
            assert_eq!(hash(&proof["fromRoot"]), old.tree_root);
            assert_eq!(hash(&proof["toRoot"]), new.tree_root);
            let (old, new) = ((old.size, old.tree_root), (new.size, new.tree_root));
            check_consistency(&path(&proof["proof"]), old, new).unwrap();
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn an_event_is_proven_in_a_smaller_tree_too() {
    let (site, _folder, running) = signed().await;
    let old = site.signed().await[0].checkpoint().clone();
    let asked = format!("/audit/proof?position=3&size={}", old.size);
    let proof = get(&running.routes, &asked).await.ok().json();
    let leaf = hash(&proof["leafHash"]);
    check_inclusion(
        &path(&proof["proof"]),
        Sequence::new(3),
        leaf,
        old.size,
        old.tree_root,
    )
    .unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_bundle_goes_on_from_a_checkpoint_that_was_kept() {
    let (site, _folder, running) = signed().await;
    let kept = site.signed().await.remove(0);
    let order = order_of_subject(&records(&site, site.head().await).await[50].subject).unwrap();
    let asked = format!(
        "/audit/orders/{order}/proof?from={}",
        kept.checkpoint().size
    );
    let bundle = get(&running.routes, &asked).await.ok();
    assert_eq!(bundle.content_type(), "application/json");
    let trust = Trust {
        keys: vec![key().public()],
        kept: Some(kept),
        ..Trust::default()
    };
    let report = verify_bundle(&bundle.bytes, &trust).unwrap();
    assert!(!report.is_kept_unproven());
    running.stop().await;
}

/// What is not its order's next event is in the tree, and in no bundle.
#[tokio::test]
async fn rubbish_on_an_order_s_subject_is_in_no_bundle() {
    let (site, _folder, running) = signed().await;
    let order = site.write(1).await[0];
    site.log.write_foreign(order, b"garbage");
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    assert_everything_is_proven(&site, &running).await;
    running.stop().await;
}

/// The log is changed after it was signed: no bundle is made that would not verify.
#[tokio::test]
async fn an_order_that_was_changed_after_it_was_signed_is_not_bundled() {
    let (site, _folder, running) = signed().await;
    let (changed, delayed) = (Sequence::new(2), Sequence::new(20));
    site.log.tamper(changed, |record| {
        let mut payload = record.payload.to_vec();
        payload[40] ^= 1;
        record.payload = payload.into();
    });
    site.log.tamper(delayed, |record| {
        let later = record.recorded_at.nanos() + 1;
        record.recorded_at = ordertrace_domain::RecordedAt::from_nanos(later);
    });
    let records = records(&site, site.head().await).await;
    for position in [changed, delayed] {
        let at = usize::try_from(position.get()).unwrap() - 1;
        let order = order_of_subject(&records[at].subject).unwrap();
        let answer = get(&running.routes, &format!("/audit/orders/{order}/proof")).await;
        assert_eq!(answer.problem(), "order-unreadable");
    }
    running.stop().await;
}

#[tokio::test]
async fn the_last_checkpoint_is_shown_as_it_stands_in_the_stream() {
    let (site, folder) = (Site::new(), folder());
    let running = site.signer(&folder);
    running.until("ready", |status| status.is_ready()).await;
    let answer = get(&running.routes, "/audit/checkpoint").await;
    assert_eq!(answer.problem(), "no-checkpoint");
    for asked in [
        "/audit/proof?position=1",
        "/audit/consistency?from=1",
        "/audit/export",
    ] {
        assert_eq!(get(&running.routes, asked).await.problem(), "no-checkpoint");
    }
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    let answer = get(&running.routes, "/audit/checkpoint").await.ok();
    assert_eq!(answer.content_type(), "text/plain; charset=utf-8");
    assert_eq!(answer.bytes, site.checkpoints().await[0].note);
    running.stop().await;
}

#[rstest]
#[case("/audit/proof", "invalid-request")]
#[case("/audit/proof?position=0", "invalid-request")]
#[case("/audit/proof?position=-1", "invalid-request")]
#[case("/audit/proof?position=01", "invalid-request")]
#[case("/audit/proof?position=18c0-1", "invalid-request")]
#[case("/audit/proof?position=2&size=1", "invalid-request")]
#[case("/audit/proof?position=1&position=2", "invalid-request")]
#[case("/audit/proof?position=1&from=2", "invalid-request")]
#[case("/audit/consistency", "invalid-request")]
#[case("/audit/consistency?from=2&to=1", "invalid-request")]
#[case("/audit/consistency?from=x", "invalid-request")]
#[case("/audit/checkpoint?size=1", "invalid-request")]
#[case("/audit/status?x=1", "invalid-request")]
#[case("/audit/orders/nobody/proof", "invalid-id")]
#[case(
    "/audit/orders/01890a5d-ac96-774b-bcce-b302099a8057/proof?from=x",
    "invalid-request"
)]
#[case("/audit/events?type=Nothing", "invalid-request")]
#[case("/audit/events?from=yesterday", "invalid-request")]
#[case("/audit/events?fromPosition=18c0-1", "invalid-request")]
#[case("/audit/events?follow=maybe", "invalid-request")]
#[case("/audit/export?follow=true", "invalid-request")]
#[tokio::test]
async fn what_makes_no_sense_is_refused(#[case] asked: &str, #[case] problem: &str) {
    let (_site, _folder, running) = signed().await;
    assert_eq!(
        get(&running.routes, asked).await.problem(),
        problem,
        "{asked}"
    );
    running.stop().await;
}

#[tokio::test]
async fn an_order_that_nobody_has_signed_is_not_found() {
    let (_site, _folder, running) = signed().await;
    let asked = format!("/audit/orders/{}/proof", fixtures::order_id());
    assert_eq!(get(&running.routes, &asked).await.problem(), "not-found");
    running.stop().await;
}

/// What is asked for is waited for: the checkpoint comes while somebody waits.
#[tokio::test]
async fn a_proof_waits_for_the_checkpoint_that_covers_it() {
    let (site, _folder, running) = signed().await;
    site.write(1).await;
    let head = site.head().await;
    running.until_at(head).await;
    let routes = running.routes.clone();
    let asked = format!("/audit/proof?position={head}");
    let asking = tokio::spawn(async move { get(&routes, &asked).await });
    site.pass();
    let proof = tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(proof.ok().json()["size"], head.get());
    running.stop().await;
}
