//! Bundles: that they show all events of an order, and that nothing of one can be changed.

use ordertrace_audit::{Bundle, Kept, Subject, Trust, verify_bundle};
use ordertrace_domain::Sequence;

use super::bytes::edited_bundle;
use super::export::refuted;
use super::sample::*;

#[track_caller]
fn assert_refuted(bundle: &Bundle, trust: &Trust, code: &str, position: Option<u64>) {
    let findings = refuted(verify_bundle(&bundle.to_json(), trust));
    assert_eq!(findings[0].code(), code, "{findings:#?}");
    assert_eq!(findings[0].position, position.map(Sequence::new));
}

#[test]
fn a_bundle_has_all_events_of_its_order() {
    let log = Sample::new();
    for number in 1..=ORDERS {
        for size in [12, 13, 40, SIZE] {
            let bundle = log.bundle(number, size, Some(12));
            let bytes = bundle.to_json();
            let (read, digests) = Bundle::parse(&bytes).unwrap();
            assert_eq!(read, bundle);
            assert_eq!(digests.computed, digests.written);
            let report = verify_bundle(&bytes, &with_kept(log.checkpoint(12))).unwrap();
            assert_eq!(report.subject, Subject::Bundle(order(number)));
            assert_eq!(report.events, bundle.map.tip.version.get());
            assert_eq!(report.kept, Kept::Consistent);
        }
    }
}

#[test]
fn rubbish_on_its_subject_is_none_of_an_orders_events() {
    let log = Sample::of(with_rubbish(records("history")), log_key());
    let report = verify_bundle(&log.bundle(3, SIZE, None).to_json(), &with_key()).unwrap();
    assert_eq!(report.events, EVENTS_EACH);
}

#[test]
fn an_event_can_be_left_out_neither_at_the_end_nor_before() {
    let log = Sample::new();
    let mut bundle = log.bundle(2, SIZE, None);
    bundle.events.pop();
    assert_refuted(&bundle, &with_key(), "incomplete", None);
    bundle.map.tip = log.bundle(2, 40, None).map.tip;
    assert_refuted(&bundle, &with_key(), "wrong-map-root", None);
    let mut bundle = log.bundle(2, SIZE, None);
    bundle.events.remove(2);
    assert_refuted(&bundle, &with_key(), "broken-chain", Some(38));
    bundle.events.clear();
    assert_refuted(&bundle, &with_key(), "incomplete", None);
}

#[test]
fn events_of_another_order_do_not_pass() {
    let log = Sample::new();
    let mut bundle = log.bundle(2, SIZE, None);
    bundle.events = log.bundle(3, SIZE, None).events;
    assert_refuted(&bundle, &with_key(), "broken-chain", Some(3));
}

#[test]
fn a_checkpoint_that_was_kept_is_compared_where_it_can_be() {
    let log = Sample::new();
    let verify = |bundle: &Bundle, kept| verify_bundle(&bundle.to_json(), &with_kept(kept));
    let bundle = log.bundle(1, 40, None);
    let kept_of = |kept| verify(&bundle, kept).unwrap().kept;
    assert_eq!(kept_of(log.checkpoint(40)), Kept::Consistent);
    assert_eq!(kept_of(log.checkpoint(30)), Kept::NotShown);
    assert_refuted(&bundle, &with_kept(log.checkpoint(41)), "rolled-back", None);
    let other = Sample::of(records("another history"), log_key());
    assert_refuted(&bundle, &with_kept(other.checkpoint(40)), "forked", None);
    let bundle = log.bundle(1, 40, Some(30));
    assert_refuted(&bundle, &with_kept(other.checkpoint(30)), "forked", None);
    let report = verify(&bundle, log.checkpoint(29)).unwrap();
    assert_eq!(report.kept, Kept::NotShown);
}

#[test]
fn an_order_that_has_come_nowhere_has_no_bundle() {
    let log = Sample::new();
    let mut bundle = log.bundle(2, SIZE, None);
    bundle.events.clear();
    bundle.map.tip.version = ordertrace_domain::Version::NONE;
    assert_refuted(&bundle, &with_key(), "not-canonical", None);
}

#[test]
fn a_report_says_that_completeness_is_by_the_signed_map_and_names_the_log_only_with_its_key() {
    let log = Sample::new();
    let bundle = log.bundle(2, SIZE, None).to_json();
    let said = |sentences: Vec<&str>, words| sentences.iter().any(|it| it.contains(words));
    let report = verify_bundle(&bundle, &with_key()).unwrap();
    assert!(said(report.shown(), "by the map of orders"));
    assert!(said(report.shown(), "stands in the log"));
    assert!(said(
        report.not_shown(),
        "that the map follows from the events"
    ));
    let report = verify_bundle(&bundle, &Trust::default()).unwrap();
    assert!(said(report.shown(), "in the tree of this checkpoint"));
    assert!(!said(report.shown(), "stands in the log"));
}

#[test]
fn a_kept_checkpoint_of_an_older_key_counts_where_both_keys_are_trusted() {
    let log = Sample::new();
    let origin = other_key().public().name().to_owned();
    let state = ordertrace_audit::Checkpoint {
        origin,
        ..log.state(30)
    };
    let kept = ordertrace_audit::SignedCheckpoint::sign(state, &other_key());
    let bundle = log.bundle(1, 40, Some(30));
    assert_refuted(&bundle, &with_kept(kept.clone()), "other-origin", None);
    let both = Trust {
        keys: vec![other_key().public(), log_key().public()],
        ..with_kept(kept)
    };
    let report = verify_bundle(&bundle.to_json(), &both).unwrap();
    assert_eq!(report.kept, Kept::Consistent);
    assert_eq!(report.signed_by.as_deref(), Some(ORIGIN));
}

fn small() -> (Sample, Vec<u8>) {
    let log = Sample::of(records("history")[..3].to_vec(), log_key());
    let bundle = log.bundle(1, 3, Some(2)).to_json();
    (log, bundle)
}

#[test]
fn no_single_byte_of_a_bundle_can_be_changed() {
    let (_, bundle) = small();
    for (at, flip) in (0..bundle.len()).flat_map(|at| [1, 2, 0x20, 0x80].map(|it| (at, it))) {
        let mut changed = bundle.clone();
        changed[at] ^= flip;
        let verified = verify_bundle(&changed, &Trust::default());
        assert!(verified.is_err(), "byte {at} flipped by {flip}");
    }
}

#[test]
fn no_single_byte_can_be_changed_with_a_key_though_the_digest_is_made_to_fit() {
    let (log, bundle) = small();
    let trust = with_kept(log.checkpoint(2));
    let passes = |bundle: &[u8], trust: &Trust| {
        verify_bundle(bundle, trust).is_ok_and(|report| !report.is_kept_unproven())
    };
    assert!(passes(&edited_bundle(&bundle, |_| ()), &trust));
    for at in 0..bundle.len() - 78 {
        let mut changed = bundle[..bundle.len() - 78].to_vec();
        changed[at] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else {
            continue;
        };
        let changed = edited_bundle(&bundle, |text| *text = changed);
        assert!(!passes(&changed, &trust), "byte {at}");
    }
}
