//! A whole log with all its checkpoints, and what somebody may have done to it.

use ordertrace_audit::{
    Finding, Kept, LogVerifier, Next, Refutation, Report, SignedCheckpoint, Subject, Trust,
};
use ordertrace_domain::{Incarnation, Record, RecordedAt, Sequence, StoredCheckpoint, message};
use rstest::rstest;

use super::sample::*;

/// The sizes at which the sample was signed.
const SIGNED_AT: [u64; 4] = [1, 20, 40, 55];

pub(crate) fn stored(notes: &[SignedCheckpoint]) -> Vec<StoredCheckpoint> {
    let notes = (1..).zip(notes).map(|(number, note)| StoredCheckpoint {
        number: Sequence::new(number),
        recorded_at: RecordedAt::from_nanos(0),
        note: note.as_str().as_bytes().to_vec(),
    });
    notes.collect()
}

pub(crate) fn signed(log: &Sample) -> Vec<StoredCheckpoint> {
    stored(&SIGNED_AT.map(|size| log.cosigned(size)))
}

pub(crate) fn verify(
    records: &[Record],
    checkpoints: &[StoredCheckpoint],
    trust: Trust,
) -> Result<Report, Refutation> {
    let mut verifier = LogVerifier::new(Incarnation::from_created_nanos(CREATED), trust);
    let (mut records, mut checkpoints) = (records.iter(), checkpoints.iter());
    loop {
        match verifier.next() {
            Next::Checkpoint => verifier.checkpoint(checkpoints.next()),
            Next::Record => match records.next() {
                Some(record) => verifier.record(record),
                None => return verifier.finish(),
            },
        }
    }
}

pub(crate) fn codes(refuted: Result<Report, Refutation>) -> Vec<(&'static str, Option<u64>)> {
    let refutation = refuted.expect_err("findings");
    let findings = refutation.findings().iter();
    findings
        .map(|it| (it.code(), it.position.map(Sequence::get)))
        .collect()
}

pub(crate) fn full_trust(log: &Sample) -> Trust {
    Trust {
        witnesses: vec![witness_key().public()],
        ..with_kept(log.checkpoint(30))
    }
}

#[test]
fn a_log_that_nobody_touched_is_found_true() {
    let log = Sample::new();
    let report = verify(&log.records, &signed(&log), full_trust(&log)).unwrap();
    let subject = Subject::Log { checkpoints: 4 };
    assert_eq!((report.subject, report.events), (subject, SIZE));
    assert_eq!((report.orders, report.kept), (ORDERS, Kept::Consistent));
    assert_eq!(report.cosigned.len(), 1);
    assert_eq!(report.checkpoint, Some(log.cosigned(55)));
    let report = verify(&log.records, &[], Trust::default()).unwrap();
    assert_eq!(report.checkpoint, None);
    assert_eq!(verify(&[], &[], Trust::default()).unwrap().events, 0);
}

#[test]
fn a_key_or_a_kept_checkpoint_wants_checkpoints_to_be_there() {
    let log = Sample::new();
    let refuted = verify(&log.records, &[], with_key());
    assert_eq!(codes(refuted), [("no-checkpoint", None)]);
}

#[rstest]
#[case(message::ID)]
#[case(message::TYPE)]
#[case(message::SCHEMA)]
#[case(message::EXPECTED_LAST)]
fn a_header_that_says_something_else_is_found(#[case] name: &str) {
    let mut log = Sample::new();
    let header = log.records[29].headers.iter_mut().find(|it| it.0 == name);
    header.unwrap().1.push('7');
    let refuted = verify(&log.records, &signed(&log), with_key());
    assert_eq!(codes(refuted), [("wrong-header", Some(30))]);
}

#[test]
fn a_header_that_is_missing_or_there_twice_is_found_and_one_that_says_nothing_is_not() {
    let mut log = Sample::new();
    log.records[3].headers.retain(|it| it.0 != message::ID);
    let again = log.records[4].headers[1].clone();
    log.records[4].headers.push(again);
    let other = (message::EXPECTED_LAST_OF.to_owned(), "other".to_owned());
    log.records[5].headers.push(other);
    log.records[6]
        .headers
        .retain(|it| it.0 != message::EXPECTED_LAST);
    log.records[7]
        .headers
        .push(("Nats-Sequence".to_owned(), "7".to_owned()));
    let found = codes(verify(&log.records, &signed(&log), with_key()));
    let expected = [4, 5, 6].map(|position| ("wrong-header", Some(position)));
    assert_eq!(found, expected);
}

#[test]
fn a_payload_that_was_changed_breaks_the_chain_and_both_roots() {
    let mut log = Sample::new();
    let mut payload = log.records[29].payload.to_vec();
    *payload.last_mut().unwrap() ^= 1;
    log.records[29].payload = payload.into();
    let found = codes(verify(&log.records, &signed(&log), full_trust(&log)));
    let first_root = found.iter().position(|it| it.0 == "wrong-tree-root");
    assert!(
        found[..first_root.unwrap()]
            .iter()
            .all(|it| it.0 == "broken-chain")
    );
    assert_eq!(found.last(), Some(&("forked", None)));
}

#[test]
fn a_time_that_was_changed_is_found_between_the_checkpoints_around_it() {
    let mut log = Sample::new();
    log.records[29].recorded_at = RecordedAt::from_nanos(1);
    let refuted = verify(&log.records, &signed(&log), with_key()).unwrap_err();
    let first = refuted.findings()[0].to_string();
    assert!(first.contains("positions 21 to 40"), "{first}");
}

#[test]
fn only_the_first_wrong_root_is_told_and_the_later_ones_are_counted() {
    let mut log = Sample::new();
    log.records[9].recorded_at = RecordedAt::from_nanos(1);
    let refuted = verify(&log.records, &signed(&log), with_key()).unwrap_err();
    assert_eq!(refuted.findings().len(), 1);
    let first = refuted.findings()[0].to_string();
    assert!(first.contains("positions 2 to 20"), "{first}");
    assert_eq!(refuted.omitted(), 2);
}

#[test]
fn findings_about_checkpoints_are_bounded_and_hide_no_other_kind() {
    let log = Sample::new();
    let forged = SignedCheckpoint::sign(log.state(1), &forged_key());
    let mut notes = vec![forged; 300];
    notes.push(log.checkpoint(SIZE));
    let refuted = verify(&log.records[..30], &stored(&notes), with_key());
    let refuted = refuted.unwrap_err();
    let count = |code| {
        refuted
            .findings()
            .iter()
            .filter(|it| it.code() == code)
            .count()
    };
    assert_eq!(count("missing-signature"), 100);
    assert_eq!(count("not-rising"), 100);
    assert_eq!(count("rolled-back"), 1);
    assert_eq!(refuted.omitted(), 200 + 199);
}

#[test]
fn an_event_that_was_deleted_is_missed_where_it_stood() {
    let mut log = Sample::new();
    log.records.remove(29);
    let refuted = verify(&log.records, &signed(&log), full_trust(&log));
    assert_eq!(codes(refuted), [("gap", Some(30))]);
    log.records.remove(0);
    let refuted = verify(&log.records, &signed(&log), with_key());
    assert_eq!(codes(refuted), [("gap", Some(1)), ("gap", Some(30))]);
}

#[test]
fn an_end_that_was_cut_off_is_missed() {
    let log = Sample::new();
    let cut = &log.records[..50];
    let refuted = verify(cut, &signed(&log), with_key());
    assert_eq!(codes(refuted), [("rolled-back", None)]);
    let rolled_back = signed(&log).drain(..2).collect::<Vec<_>>();
    verify(&log.records[..30], &rolled_back, with_key()).unwrap();
    let kept = with_kept(log.checkpoint(55));
    let refuted = verify(&log.records[..30], &rolled_back, kept);
    assert_eq!(codes(refuted), [("rolled-back", None)]);
}

#[test]
fn a_log_that_was_made_anew_is_another_one() {
    let mut log = Sample::new();
    let kept = full_trust(&log);
    let old = signed(&log);
    log.incarnation = Incarnation::from_created_nanos(CREATED + 1);
    let refuted = verify(&log.records, &old, Trust::default());
    assert!(
        refuted.is_ok(),
        "the verifier was told the incarnation of the checkpoints"
    );
    let anew = signed(&log);
    let found = codes(verify(&log.records, &anew, kept.clone()));
    assert!(found.contains(&("recreated", None)), "{found:?}");
    let mut verifier = LogVerifier::new(log.incarnation, kept);
    for note in &anew {
        while verifier.next() == Next::Record {
            let at = usize::try_from(verifier.size().get()).unwrap();
            verifier.record(&log.records[at]);
        }
        verifier.checkpoint(Some(note));
    }
    while verifier.size().get() < SIZE {
        let at = usize::try_from(verifier.size().get()).unwrap();
        verifier.record(&log.records[at]);
        if verifier.next() == Next::Checkpoint {
            verifier.checkpoint(None);
        }
    }
    assert_eq!(codes(verifier.finish()), [("recreated", None)]);
}

#[test]
fn checkpoints_follow_each_other_and_are_all_signed() {
    let log = Sample::new();
    let sizes = |sizes: &[u64]| {
        let notes: Vec<_> = sizes.iter().map(|size| log.cosigned(*size)).collect();
        stored(&notes)
    };
    let found = |notes: &[StoredCheckpoint]| codes(verify(&log.records, notes, with_key()));
    assert_eq!(found(&sizes(&[20, 20])), [("not-rising", None)]);
    assert_eq!(found(&sizes(&[20, 10, 40])), [("not-rising", None)]);
    let mut missing = sizes(&[20, 30, 40]);
    missing.remove(1);
    assert_eq!(found(&missing), [("missing-checkpoint", None)]);
    let mut unreadable = sizes(&[20, 30, 40]);
    unreadable[1].note.push(b'\n');
    assert_eq!(found(&unreadable), [("unreadable-checkpoint", None)]);
    let forged = SignedCheckpoint::sign(log.state(30), &forged_key());
    let notes = stored(&[log.checkpoint(20), forged, log.checkpoint(40)]);
    assert_eq!(found(&notes), [("missing-signature", None)]);
    let other = Sample::of(records("another history"), log_key());
    let notes = stored(&[log.checkpoint(20), other.checkpoint(20)]);
    assert_eq!(found(&notes), [("forked", None)]);
    let notes = stored(&[log.checkpoint(20), other.checkpoint(30)]);
    assert_eq!(
        found(&notes),
        [("wrong-tree-root", None), ("wrong-map-root", None)]
    );
}

#[test]
fn rubbish_is_told_with_its_position_and_confuses_nothing_after_it() {
    let log = Sample::of(with_rubbish(records("history")), log_key());
    let mut log = log;
    // What a writer expects counts every message on the subject, rubbish too.
    for record in &mut log.records[8..] {
        let header = record
            .headers
            .iter_mut()
            .find(|it| it.0 == message::EXPECTED_LAST);
        let before = header.unwrap();
        let number: u64 = before.1.parse().unwrap();
        let of_third = record.subject == ordertrace_domain::event_subject(order(3));
        before.1 = match number {
            3 if of_third => 8,
            number if number >= 8 => number + 1,
            number => number,
        }
        .to_string();
    }
    let refuted = verify(&log.records, &signed(&log), full_trust(&log)).unwrap_err();
    let found: Vec<_> = refuted.findings().iter().map(Finding::to_string).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("position 8: "), "{}", found[0]);
}
