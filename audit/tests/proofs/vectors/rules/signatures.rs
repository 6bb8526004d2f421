//! Signature lines: whose they are, whether they are good, and which of several counts.

use ordertrace_audit::SignedCheckpoint;

use super::{Vector, bad_checkpoint, bad_export, good_checkpoint};
use crate::sample::*;

/// A note's text up to its signature lines, and those.
fn parts(note: &SignedCheckpoint) -> (String, Vec<String>) {
    let (text, lines) = note.as_str().split_once("\n\n").unwrap();
    let lines = lines.split_inclusive('\n').map(ToOwned::to_owned);
    (format!("{text}\n\n"), lines.collect())
}

pub(super) fn all() -> Vec<Vector> {
    let log = Sample::new();
    let (text, good) = parts(&log.cosigned(SIZE));
    // They are good signatures of another text.
    let (_, bad) = parts(&log.cosigned(30));
    let note = |lines: &[&String]| {
        let lines: String = lines.iter().map(|line| line.as_str()).collect();
        format!("{text}{lines}")
    };
    let foreign = good[0].replace("— vectors.example/orders ", "— vectors.example/another ");
    let witness = good[1].replace("/witness ", "/somebody ");
    let bad_of = |name, lines: &[&String]| bad_checkpoint(name, &note(lines), "bad-signature");
    let missing = |name, lines: &[&String]| bad_checkpoint(name, &note(lines), "missing-signature");
    let good_of = |name, lines: &[&String]| good_checkpoint(name, &note(lines));
    let mut all = vec![
        bad_of("cosignature", &[&good[0], &bad[1]]).witnessed(),
        bad_of("first-of-two", &[&bad[0], &good[0]]),
        good_of("second-of-two", &[&good[0], &bad[0]]),
        bad_of("first-of-two-witness", &[&good[0], &bad[1], &good[1]]).witnessed(),
        good_of("second-of-two-witness", &[&good[0], &good[1], &bad[1]]).witnessed(),
        missing("other-name", &[&foreign]),
        good_of("other-name-first", &[&foreign, &good[0]]),
        missing("other-name-witness", &[&good[0], &witness]).witnessed(),
    ];
    all.extend(cosigned_exports(&log));
    all.extend(without_a_checkpoint(&log));
    all
}

/// Complete exports, of which only the cosignature is wrong.
fn cosigned_exports(log: &Sample) -> Vec<Vector> {
    let (text, good) = parts(&log.checkpoint(13));
    let (_, bad) = parts(&log.cosigned(30));
    let note = format!("{text}{}{}", good[0], bad[1]);
    let note = SignedCheckpoint::parse(note.as_bytes()).unwrap();
    let export = log.complete_by(&note);
    vec![bad_export("cosignature", export, "bad-signature").witnessed()]
}

/// An export without a checkpoint says nothing to whoever has a checkpoint or a witness, and nothing else.
fn without_a_checkpoint(log: &Sample) -> Vec<Vector> {
    let mut header = log.header(1, 2);
    header.origin = None;
    let events = || log.records.iter().take(2).map(|record| (record, None));
    let unsigned = |name| {
        let export = export(&header, events(), None);
        bad_export(name, export, "no-checkpoint").keyless()
    };
    vec![
        unsigned("no-checkpoint-kept").kept(super::super::KEPT),
        unsigned("no-checkpoint-witness").witnessed(),
    ]
}
