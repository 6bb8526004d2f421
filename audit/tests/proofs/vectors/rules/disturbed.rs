//! What is said of the events behind a gap. No vector can tell: the gap is always the first finding.

use ordertrace_audit::{Trust, VerifyError, verify_export};

use crate::bytes::recounted;
use crate::sample::*;

/// Which event is missing: the second order's second one.
const MISSING: usize = 14;
/// Of the third order, its second and its third event.
const SECOND: usize = 15;
const THIRD: usize = 27;

/// The codes and positions of all findings.
fn findings(export: &[u8]) -> Vec<(&'static str, Option<u64>)> {
    match verify_export(export, &Trust::default()) {
        Err(VerifyError::Refuted(refutation)) => {
            let findings = refutation.findings().iter();
            let position = |at: ordertrace_domain::Sequence| at.get();
            findings
                .map(|it| (it.code(), it.position.map(position)))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn behind_a_gap_a_chain_that_goes_on_is_no_finding() {
    let export = recounted(&Sample::new().complete(SIZE), |lines| {
        lines.remove(MISSING);
    });
    assert_eq!(findings(&export), [("gap", Some(MISSING as u64))]);
}

#[test]
fn behind_a_gap_neighbours_are_still_compared() {
    let other = Sample::of(records("another history"), log_key()).complete(SIZE);
    let other = crate::bytes::lines(&other).swap_remove(SECOND);
    let export = recounted(&Sample::new().complete(SIZE), |lines| {
        lines[SECOND] = other;
        lines.remove(MISSING);
    });
    let expected = [
        ("gap", Some(MISSING as u64)),
        ("broken-chain", Some(THIRD as u64)),
    ];
    assert_eq!(findings(&export), expected);
}
