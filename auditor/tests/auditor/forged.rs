//! Checkpoints that somebody else has put among those of the log.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{Checkpoint, SecretKey, SignedCheckpoint};
use ordertrace_auditor::Halt;
use ordertrace_domain::{Checkpoints, Hash, Sequence};
use rstest::rstest;

use crate::{
    expected::{assert_all_right, roots},
    http::get,
    site::{Site, folder, key, key_of},
    tampered::{halts, signed},
};

/// Somebody with access to the stream adds a checkpoint.
async fn publish(site: &Site, note: &[u8]) -> Sequence {
    let behind = Checkpoints::last(&site.log).await.unwrap();
    let behind = behind.map_or(Sequence::START, |last| last.number);
    Checkpoints::append(&site.log, behind, note).await.unwrap()
}

/// What somebody may add to the checkpoints of a log of 56 events whose last one covers them.
#[derive(Debug, Clone, Copy)]
enum Forgery {
    Garbage,
    OtherKey,
    SameSize,
    GoesBack,
    BeyondTheLog,
    OtherTree,
    OtherMap,
}

impl Forgery {
    /// What is right where it stands, but for one thing.
    fn of(self, right: Checkpoint, before: &Checkpoint) -> Vec<u8> {
        let sign = |checkpoint: Checkpoint, key: &SecretKey| {
            SignedCheckpoint::sign(checkpoint, key)
                .as_str()
                .as_bytes()
                .to_vec()
        };
        match self {
            Self::Garbage => b"garbage".to_vec(),
            Self::OtherKey => sign(right, &key_of(2)),
            Self::SameSize => sign(before.clone(), &key()),
            Self::GoesBack => sign(
                Checkpoint {
                    size: Sequence::new(1),
                    ..right
                },
                &key(),
            ),
            Self::BeyondTheLog => sign(
                Checkpoint {
                    size: Sequence::new(1_000),
                    ..right
                },
                &key(),
            ),
            Self::OtherTree => sign(
                Checkpoint {
                    tree_root: Hash::of(b"tree"),
                    ..right
                },
                &key(),
            ),
            Self::OtherMap => sign(
                Checkpoint {
                    map_root: Hash::of(b"map"),
                    ..right
                },
                &key(),
            ),
        }
    }

    fn is_told_by(self, halt: &Halt) -> bool {
        match self {
            Self::Garbage | Self::OtherKey => matches!(halt, Halt::Forged { .. }),
            Self::SameSize | Self::GoesBack => matches!(halt, Halt::NotRising { .. }),
            Self::BeyondTheLog => matches!(halt, Halt::Truncated { .. }),
            Self::OtherTree => matches!(halt, Halt::OtherTree { .. }),
            Self::OtherMap => matches!(halt, Halt::OtherMap { .. }),
        }
    }
}

/// Whether the forgery comes while the audit runs, or was there before it, or before its folder.
#[derive(Debug, Clone, Copy)]
enum Seen {
    Live,
    AtTheNextStart,
    ByAnother,
}

#[rstest]
#[tokio::test]
async fn a_forged_checkpoint_stops_every_signer(
    #[values(
        Forgery::Garbage,
        Forgery::OtherKey,
        Forgery::SameSize,
        Forgery::GoesBack,
        Forgery::BeyondTheLog,
        Forgery::OtherTree,
        Forgery::OtherMap
    )]
    forgery: Forgery,
    #[values(Seen::Live, Seen::AtTheNextStart, Seen::ByAnother)] seen: Seen,
) {
    let (site, own, running) = signed().await;
    site.write(1).await;
    running.until_at(site.head().await).await;
    let before = site.signed().await.pop().unwrap().checkpoint().clone();
    let (tree_root, map_root) = roots(&site, site.head().await).await;
    let right = Checkpoint {
        size: site.head().await,
        tree_root,
        map_root,
        ..before.clone()
    };
    let note = forgery.of(right, &before);
    let new = folder();
    let running = match seen {
        Seen::Live => {
            publish(&site, &note).await;
            running
        }
        Seen::AtTheNextStart | Seen::ByAnother => {
            running.stop().await;
            publish(&site, &note).await;
            let is_same = matches!(seen, Seen::AtTheNextStart);
            site.signer(if is_same { &own } else { &new })
        }
    };
    let halt = halts(&site, running).await;
    assert!(forgery.is_told_by(&halt), "{forgery:?}: {halt}");
}

/// The way out for an operator who has looked: the stream of the checkpoints and the folders are made anew. The key and the
/// log are the same, so that what was signed before can still be compared with what is signed now.
#[tokio::test]
async fn after_a_forgery_the_checkpoints_can_be_begun_anew() {
    let (site, _own, running) = signed().await;
    let before = site.signed().await.pop().unwrap();
    publish(&site, b"garbage").await;
    halts(&site, running).await;
    site.log.truncate_checkpoints(Sequence::START);
    let new = folder();
    let running = site.signer(&new);
    site.write(1).await;
    running.until_at(site.head().await).await;
    site.pass();
    running.until_signed(site.head().await).await;
    assert_all_right(&site).await;
    let size = before.checkpoint().size;
    let asked = format!("/audit/consistency?from={size}");
    let proof = get(&running.routes, &asked).await.ok().json();
    let root = STANDARD.encode(before.checkpoint().tree_root.as_bytes());
    assert_eq!(proof["fromRoot"], root);
    running.stop().await;
}
