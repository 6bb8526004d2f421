//! The published checkpoints of a log: who signed them, who has seen them, and which of them counts.

use ordertrace_audit::{Checkpoint, Finding, Kept, SignedCheckpoint, Trust};
use ordertrace_domain::StoredCheckpoint;

use super::live::{codes, full_trust, signed, stored, verify};
use super::sample::*;

#[test]
fn the_newest_checkpoint_that_the_witnesses_have_seen_is_the_one_that_counts() {
    let log = Sample::new();
    let notes = stored(&[log.cosigned(20), log.cosigned(40), log.checkpoint(55)]);
    let report = verify(&log.records, &notes, full_trust(&log)).unwrap();
    assert_eq!(report.checkpoint, Some(log.cosigned(40)));
    assert_eq!(report.newest, Some(log.checkpoint(55)));
    assert_eq!(report.cosigned.len(), 1);
    let notes = stored(&[log.checkpoint(20), log.checkpoint(55)]);
    let refuted = verify(&log.records, &notes, full_trust(&log)).unwrap_err();
    let found: Vec<_> = refuted.findings().iter().map(Finding::to_string).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("checkpoint 2 "), "{}", found[0]);
}

#[test]
fn a_cosignature_that_is_none_is_found_though_an_older_one_is_good() {
    let log = Sample::new();
    let of_other_text = log.cosigned(40);
    let (_, signatures) = of_other_text.as_str().rsplit_once("\n\n").unwrap();
    let line = signatures.lines().last().unwrap();
    let mut notes = stored(&[log.cosigned(20), log.checkpoint(55)]);
    notes[1]
        .note
        .extend_from_slice(format!("{line}\n").as_bytes());
    let refuted = verify(&log.records, &notes, full_trust(&log));
    assert_eq!(codes(refuted), [("bad-signature", None)]);
}

/// The sample, signed by its key up to 40 and by another one, of another name, from then on.
fn renamed(log: &Sample) -> Vec<StoredCheckpoint> {
    let sign = |size| {
        let origin = other_key().public().name().to_owned();
        let state = Checkpoint {
            origin,
            ..log.state(size)
        };
        SignedCheckpoint::sign(state, &other_key())
    };
    stored(&[log.checkpoint(20), log.checkpoint(40), sign(50), sign(55)])
}

#[test]
fn a_log_goes_on_under_another_key_where_both_are_trusted() {
    let log = Sample::new();
    let both = Trust {
        keys: vec![log_key().public(), other_key().public()],
        ..with_kept(log.checkpoint(30))
    };
    let report = verify(&log.records, &renamed(&log), both.clone()).unwrap();
    let signers: Vec<_> = report.signers.iter().collect();
    let [before, after] = signers[..] else {
        panic!("{signers:?}");
    };
    assert_eq!((before.origin.as_str(), before.number.get()), (ORIGIN, 1));
    assert_eq!(after.origin, other_key().public().name());
    assert_eq!((after.number.get(), after.size.get()), (3, 50));
    assert_eq!(report.signed_by.as_ref(), Some(&after.origin));
    assert_eq!(report.kept, Kept::Consistent);

    let refuted = verify(&log.records, &renamed(&log), with_key());
    assert_eq!(codes(refuted), [("other-origin", None); 2]);
    let report = verify(&log.records, &renamed(&log), Trust::default()).unwrap();
    let is_told = report
        .not_shown()
        .iter()
        .any(|it| it.contains("agrees to the change"));
    assert!(is_told && report.signers.len() == 2);

    // The key alone was changed, and its name kept.
    let notes = stored(&[
        log.checkpoint(20),
        SignedCheckpoint::sign(log.state(40), &forged_key()),
    ]);
    let keys = vec![log_key().public(), forged_key().public()];
    let report = verify(
        &log.records,
        &notes,
        Trust {
            keys,
            ..Trust::default()
        },
    )
    .unwrap();
    assert_eq!(report.signers.len(), 1);
}

#[test]
fn a_kept_checkpoint_is_of_the_logs_name_and_not_over_more_than_was_published() {
    let log = Sample::new();
    let kept = |kept| Trust {
        kept: Some(kept),
        ..Trust::default()
    };
    let refuted = verify(&log.records, &signed(&log), kept(log.checkpoint(56)));
    assert_eq!(codes(refuted), [("vanished-checkpoint", None)]);
    let origin = other_key().public().name().to_owned();
    let state = Checkpoint {
        origin,
        ..log.state(30)
    };
    let other = kept(SignedCheckpoint::sign(state, &other_key()));
    let refuted = verify(&log.records, &signed(&log), other.clone());
    assert_eq!(codes(refuted), [("other-origin", None)]);
    verify(&log.records, &renamed(&log), other).unwrap();
}
