//! Checkpoints that were kept, and differ from what is there in one thing only.

use ordertrace_audit::{Bundle, Checkpoint, SignedCheckpoint};
use ordertrace_domain::{Hash, Sequence};

use super::super::KEPT;
use super::{Vector, bad_bundle, bad_checkpoint, bad_export, good_bundle, good_checkpoint};
use crate::sample::*;

const SAME: &str = "checkpoints/60.txt";
const TREE: &str = "checkpoints/60-other-tree.txt";
const MAP: &str = "checkpoints/60-other-map.txt";
const EARLIER_TREE: &str = "checkpoints/30-other-tree.txt";
const EARLIER_MAP: &str = "checkpoints/30-other-map.txt";
/// The same log's state, by another name.
const OTHER_ORIGIN: &str = "checkpoints/bad-origin.txt";

fn signed(state: Checkpoint) -> SignedCheckpoint {
    SignedCheckpoint::sign(state, &log_key())
}

/// The log's checkpoint of a size with another root of the tree.
fn other_tree(log: &Sample, size: u64) -> SignedCheckpoint {
    signed(Checkpoint {
        tree_root: Hash::of(b"another"),
        ..log.state(size)
    })
}

/// The same with another root of the map.
fn other_map(log: &Sample, size: u64) -> SignedCheckpoint {
    signed(Checkpoint {
        map_root: Hash::of(b"another"),
        ..log.state(size)
    })
}

/// What is compared with: in themselves nothing is wrong with them.
pub(super) fn checkpoints() -> Vec<Vector> {
    let log = Sample::new();
    vec![
        good_checkpoint("60-other-tree", other_tree(&log, SIZE).as_str()),
        good_checkpoint("60-other-map", other_map(&log, SIZE).as_str()),
        good_checkpoint("30-other-tree", other_tree(&log, 30).as_str()),
        good_checkpoint("30-other-map", other_map(&log, 30).as_str()),
    ]
}

pub(super) fn all() -> Vec<Vector> {
    let log = Sample::new();
    let export = |kept| {
        let name = format!("kept-{}", named(kept));
        bad_export(&name, log.complete(SIZE), "forked").kept(kept)
    };
    let beginning = log.part(&log.header(1, 45), |_| true);
    let beginning = |kept| {
        let name = format!("kept-beginning-{}", named(kept));
        bad_export(&name, beginning.clone(), "forked").kept(kept)
    };
    let checkpoint =
        |name, kept| bad_checkpoint(name, log.checkpoint(SIZE).as_str(), "forked").kept(kept);
    let mut all = vec![
        export(TREE),
        export(MAP),
        export(EARLIER_TREE),
        export(EARLIER_MAP),
        beginning(EARLIER_TREE),
        beginning(EARLIER_MAP),
        checkpoint("kept-60-other-tree", TREE),
        checkpoint("kept-60-other-map", MAP),
        bad_export("kept-other-origin", log.complete(SIZE), "other-origin").kept(OTHER_ORIGIN),
        bad_export("kept-other-origin", log.complete(SIZE), "other-origin")
            .kept(OTHER_ORIGIN)
            .keyless(),
    ];
    all.extend(bundles(&log));
    all
}

fn named(file: &str) -> &str {
    let name = file.trim_start_matches("checkpoints/");
    name.trim_end_matches(".txt")
}

fn bundles(log: &Sample) -> Vec<Vector> {
    let plain = || log.bundle(2, SIZE, None).to_json();
    let consistent = || log.bundle(2, SIZE, Some(30)).to_json();
    vec![
        bad_bundle("kept-60-other-tree", plain(), "forked").kept(TREE),
        bad_bundle("kept-60-other-map", plain(), "forked").kept(MAP),
        bad_bundle("kept-30-other-tree", consistent(), "forked").kept(EARLIER_TREE),
        bad_bundle("kept-other-origin", plain(), "other-origin")
            .kept(OTHER_ORIGIN)
            .keyless(),
        // Only the tree is shown to go on.
        good_bundle("consistent", consistent()).kept(EARLIER_MAP),
        good_bundle("consistent-with-itself", with_itself(log).to_json()),
        good_bundle("consistent-with-itself", with_itself(log).to_json()).kept(SAME),
        good_bundle("consistency-of-no-use", of_no_use(log).to_json())
            .kept(KEPT)
            .not_shown(),
    ]
}

/// A bundle that is consistent with its own checkpoint.
fn with_itself(log: &Sample) -> Bundle {
    let mut bundle = log.bundle(2, SIZE, Some(30));
    let consistency = bundle.consistency.as_mut().unwrap();
    consistency.from = Sequence::new(SIZE);
    consistency.proof.clear();
    bundle
}

/// A bundle with a consistency from a size at which nothing was kept, and which is none.
fn of_no_use(log: &Sample) -> Bundle {
    let mut bundle = log.bundle(2, SIZE, Some(20));
    let consistency = bundle.consistency.as_mut().unwrap();
    consistency.proof[0] = Hash::of(b"another");
    bundle
}
