//! An export that is read, hashed and checked on threads of their own: the same is found as on a single one.

use ordertrace_audit::{Subject, Trust};
use ordertrace_domain::Hash;

use super::bytes::{edited, lines, replace};
use super::export::{assert_refuted, refuted, verify};
use super::sample::*;

/// More than a few batches of events and blocks of bytes.
const ORDERS: usize = 300;
const EVENTS: u64 = ORDERS as u64 * EVENTS_EACH;

fn large() -> Sample {
    Sample::of(records_of("history", ORDERS), log_key())
}

#[test]
fn a_large_export_is_read_to_its_end_and_has_its_digest() {
    let log = large();
    let export = log.complete(EVENTS);
    assert!(export.len() > 3 * (256 << 10), "{} bytes", export.len());
    let report = verify(&export, &with_kept(log.checkpoint(EVENTS / 2))).unwrap();
    assert_eq!(report.subject, Subject::Complete);
    assert_eq!((report.events, report.orders), (EVENTS, ORDERS as u64));
    let digest = Hash::of(lines(&export).concat().as_bytes());
    assert_eq!(report.digest, Some(digest));
}

#[test]
fn what_is_wrong_behind_the_first_batch_is_found_at_its_place() {
    let export = large().complete(EVENTS);
    for position in [256, 257, EVENTS - 1] {
        let line = usize::try_from(position).unwrap();
        let foreign = edited(&export, |lines| {
            let subject = lines[line].split_once("subject\":\"").unwrap().1[..57].to_owned();
            replace(&mut lines[line], &subject, "somewhere");
        });
        assert_refuted(&foreign, &with_key(), "broken-chain", Some(position));
        let without = edited(&export, |lines| drop(lines.remove(line)));
        let found = refuted(verify(&without, &Trust::default()));
        let is_missed = found
            .iter()
            .any(|it| it.code() == "gap" && it.position.is_some_and(|at| at.get() == position));
        assert!(is_missed, "{position}: {found:?}");
    }
}

#[test]
fn what_was_found_before_the_file_could_not_be_read_any_more_is_told_as_well() {
    let export = large().complete(EVENTS);
    let broken = edited(&export, |lines| {
        lines[300].insert(40, ' ');
        let subject = lines[290].split_once("subject\":\"").unwrap().1[..57].to_owned();
        replace(&mut lines[290], &subject, "somewhere");
    });
    let found = refuted(verify(&broken, &with_key()));
    let codes: Vec<_> = found.iter().map(|it| it.code()).collect();
    assert_eq!(codes, ["not-canonical", "broken-chain"]);
    let cut = refuted(verify(&export[..export.len() / 2], &with_key()));
    assert_eq!(cut[0].code(), "cut-off");
}

#[test]
fn any_byte_that_is_another_makes_another_digest() {
    let mut export = large().complete(EVENTS);
    for at in (0..export.len()).step_by(export.len() / 7) {
        export[at] ^= 1;
        assert!(verify(&export, &Trust::default()).is_err(), "byte {at}");
        export[at] ^= 1;
    }
    verify(&export, &with_key()).unwrap();
}
