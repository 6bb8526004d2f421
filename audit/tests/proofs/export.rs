//! Exports: that they read back what was written, and that nothing of one can be changed.

use ordertrace_audit::{
    ExportReader, Finding, Item, Kept, Report, Subject, Trust, VerifyError, verify_export,
};
use ordertrace_domain::{Record, RecordedAt, Sequence};
use proptest::prelude::*;

use super::bytes::{edited, replace};
use super::sample::*;

pub(crate) fn verify(export: &[u8], trust: &Trust) -> Result<Report, VerifyError> {
    verify_export(export, trust)
}

/// What is found first.
#[track_caller]
pub(crate) fn refuted(verified: Result<Report, VerifyError>) -> Vec<Finding> {
    match verified {
        Err(VerifyError::Refuted(refutation)) => refutation.findings().to_vec(),
        other => panic!("expected findings, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_refuted(export: &[u8], trust: &Trust, code: &str, position: Option<u64>) {
    let findings = refuted(verify(export, trust));
    assert_eq!(findings[0].code(), code, "{findings:#?}");
    assert_eq!(findings[0].position, position.map(Sequence::new));
}

#[test]
fn a_complete_export_is_all_there_is() {
    let log = Sample::new();
    let trust = with_kept(log.checkpoint(30));
    let report = verify(&log.complete(SIZE), &trust).unwrap();
    assert_eq!(report.subject, Subject::Complete);
    assert_eq!((report.events, report.orders), (SIZE, ORDERS));
    assert_eq!(report.signed_by.as_deref(), Some(ORIGIN));
    assert_eq!(report.kept, Kept::Consistent);
    let report = verify(&log.complete(SIZE), &Trust::default()).unwrap();
    assert_eq!(report.signed_by, None);
    assert!(
        report
            .not_shown()
            .iter()
            .any(|it| it.contains("integrity only"))
    );
}

#[test]
fn a_part_is_proven_event_by_event() {
    let log = Sample::new();
    let report = verify(&log.filtered(), &with_kept(log.checkpoint(30))).unwrap();
    assert_eq!(report.events, 2 * ORDERS);
    assert_eq!(report.kept, Kept::NotShown);
    let left_out = |report: &Report| report.not_shown().iter().any(|it| it.contains("left out"));
    assert!(left_out(&report));
    let range = log.part(&log.header(13, 40), |_| true);
    let report = verify(&range, &with_kept(log.checkpoint(SIZE))).unwrap();
    assert_eq!((report.events, report.kept), (28, Kept::Consistent));
    assert!(!left_out(&report));
    let begin = log.part(&log.header(1, 40), |_| true);
    let report = verify(&begin, &with_kept(log.checkpoint(30))).unwrap();
    assert_eq!(report.kept, Kept::Consistent);
}

#[test]
fn an_export_without_a_checkpoint_has_its_chains_and_no_signature() {
    let log = Sample::new();
    let mut header = log.header(1, SIZE);
    header.origin = None;
    let bytes = export(&header, log.records.iter().map(|it| (it, None)), None);
    let report = verify(&bytes, &Trust::default()).unwrap();
    assert!(
        report
            .not_shown()
            .iter()
            .any(|it| it.contains("no checkpoint"))
    );
    assert_refuted(&bytes, &with_key(), "no-checkpoint", None);
    let trust = Trust {
        kept: Some(log.checkpoint(1)),
        ..Trust::default()
    };
    assert_refuted(&bytes, &trust, "no-checkpoint", None);
}

#[test]
fn the_range_that_may_be_wrong_ends_where_the_kept_checkpoint_still_holds() {
    let log = Sample::new();
    let changed = edited(&log.complete(SIZE), |lines| {
        replace(&mut lines[45], "recordedAt\":\"2023", "recordedAt\":\"2022");
    });
    let findings = refuted(verify(&changed, &with_kept(log.checkpoint(30))));
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].to_string().contains("positions 31 to 60"),
        "{}",
        findings[0]
    );
}

#[test]
fn all_that_is_wrong_is_told_and_not_only_what_comes_first() {
    let log = Sample::of(with_rubbish(records("history")), log_key());
    let changed = edited(&log.complete(SIZE), |lines| {
        replace(&mut lines[45], "recordedAt\":\"2023", "recordedAt\":\"2022");
    });
    let codes: Vec<_> = refuted(verify(&changed, &with_kept(log.checkpoint(SIZE + 1))));
    let codes: Vec<_> = codes.iter().map(Finding::code).collect();
    assert_eq!(codes, ["broken-chain", "wrong-tree-root", "rolled-back"]);
}

#[test]
fn findings_about_events_are_bounded_and_the_others_are_not_lost() {
    let log = Sample::new();
    let rubbish = (1..=300).map(|position| Record {
        sequence: Sequence::new(position),
        payload: b"rubbish".to_vec().into(),
        ..log.records[0].clone()
    });
    let rubbish: Vec<_> = rubbish.collect();
    let log = Sample::of(rubbish, forged_key());
    let Err(VerifyError::Refuted(refutation)) = verify(&log.complete(300), &with_key()) else {
        panic!("expected findings");
    };
    assert_eq!(refutation.findings().len(), 101);
    assert_eq!(refutation.omitted(), 200);
    assert_eq!(refutation.findings()[0].code(), "missing-signature");
    assert_eq!(refutation.first_position(), Some(Sequence::new(1)));
}

#[test]
fn only_a_line_that_any_writer_writes_is_read_at_all() {
    let log = Sample::new();
    let endless = vec![b'1'; 13 << 20];
    let findings = refuted(verify(&endless, &Trust::default()));
    assert_eq!(findings[0].code(), "not-canonical");
    let huge = Record {
        payload: vec![0; 10 << 20].into(),
        ..log.records[0].clone()
    };
    let mut writer = ordertrace_audit::ExportWriter::new(Vec::new(), &log.header(1, 1)).unwrap();
    let error = writer.event(&huge, None).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
}

#[test]
fn events_of_a_part_may_be_missing_and_may_not_contradict_each_other() {
    let log = Sample::new();
    let mut header = log.header(1, SIZE);
    header.filter = Some(ordertrace_audit::FilterText {
        order: Some(order(1).to_string()),
        ..Default::default()
    });
    let part = log.part(&header, |it| it.sequence.get() % 3 == 1);
    verify(&part, &with_key()).unwrap();
    let mut other = records("another history");
    other[12] = log.records[12].clone();
    let other = Sample::of(other, log_key());
    let mixed = other.part(&header, |_| true);
    assert_refuted(&mixed, &with_key(), "broken-chain", Some(13));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_read_is_what_was_written(
        records in prop::collection::vec(
            (any::<u64>(), any::<i64>(), "\\PC*|[\\x00-\\x7f]*", any::<Vec<u8>>(), any::<bool>()),
            0..4,
        ),
        from in any::<u64>(),
        values in prop::array::uniform6(prop::option::of("\\PC{0,9}|[\\x00-\\x7f]{0,9}")),
    ) {
        let log = Sample::of(Vec::new(), log_key());
        let mut header = log.header(from, from);
        let [order, r#type, actor, customer, recorded_from, recorded_to] = values;
        let filter = ordertrace_audit::FilterText {
            order, r#type, actor, customer, recorded_from, recorded_to,
        };
        header.filter = Some(filter.clone()).filter(|filter| !filter.is_empty());
        let records: Vec<_> = records.into_iter().map(|(at, nanos, subject, payload, has_proof)| {
            let record = Record {
                sequence: Sequence::new(at),
                recorded_at: RecordedAt::from_nanos(nanos),
                subject,
                headers: Vec::new(),
                payload: payload.into(),
            };
            let proof = vec![ordertrace_domain::Hash::of(b"x"); usize::try_from(at % 4).unwrap()];
            (record, has_proof.then_some(proof))
        }).collect();
        let bytes = export(&header, records.iter().map(|(it, proof)| (it, proof.clone())), None);
        let mut reader = ExportReader::open(&bytes[..]).unwrap();
        prop_assert_eq!(reader.header(), &header);
        for (record, proof) in &records {
            let Item::Event(read) = reader.next_item().unwrap() else {
                panic!("expected an event");
            };
            prop_assert_eq!((&read.record, &read.proof), (record, proof));
        }
        let Item::End(end) = reader.next_item().unwrap() else {
            panic!("expected the end");
        };
        prop_assert_eq!(end.events, records.len() as u64);
        prop_assert_eq!(end.written, end.computed);
        prop_assert_eq!(end.whole, ordertrace_domain::Hash::of(&bytes));
    }
}
