//! Every byte and every line of an export, changed.

use ordertrace_audit::{ExportReader, Item, Trust, VerifyError, verify_file};
use ordertrace_domain::Sequence;
use proptest::prelude::*;
use rstest::rstest;

use super::bytes::{lines, recounted, redigested};
use super::export::assert_refuted;
use super::sample::*;

fn small() -> Vec<u8> {
    let log = Sample::of(records("history")[..2].to_vec(), log_key());
    log.complete(2)
}

fn small_part() -> Vec<u8> {
    let log = Sample::of(records("history")[..3].to_vec(), log_key());
    log.part(&log.header(2, 2), |_| true)
}

/// It is refuted, which is exit 3, and not taken for a file of another kind, which is a mistake in the call.
#[track_caller]
fn assert_found(file: &[u8], trust: &Trust, what: &str) {
    match verify_file(file, trust) {
        Err(VerifyError::Refuted(refutation)) => assert!(!refutation.findings().is_empty()),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn no_single_byte_of_a_bundle_or_a_checkpoint_can_be_changed_either() {
    let log = Sample::of(records("history")[..3].to_vec(), log_key());
    let files = [
        (log.bundle(1, 3, Some(2)).to_json(), Trust::default()),
        (log.checkpoint(3).as_str().as_bytes().to_vec(), with_key()),
    ];
    for (file, trust) in files {
        verify_file(&file[..], &trust).unwrap();
        for (at, flip) in (0..file.len()).flat_map(|at| [1, 0x20, 0x80].map(|it| (at, it))) {
            let mut changed = file.clone();
            changed[at] ^= flip;
            assert_found(&changed, &trust, &format!("byte {at} flipped by {flip}"));
        }
    }
}

#[test]
fn no_single_byte_of_an_export_can_be_changed() {
    for export in [small(), small_part()] {
        for (at, flip) in (0..export.len()).flat_map(|at| [1, 2, 0x20, 0x80].map(|it| (at, it))) {
            let mut changed = export.clone();
            changed[at] ^= flip;
            assert_found(
                &changed,
                &Trust::default(),
                &format!("byte {at} flipped by {flip}"),
            );
        }
    }
}

#[test]
fn no_single_byte_of_an_export_can_be_left_out_or_said_twice() {
    for export in [small(), small_part()] {
        for at in 0..export.len() {
            let mut changed = export.clone();
            let byte = changed.remove(at);
            assert_found(&changed, &Trust::default(), &format!("without {at}"));
            changed.insert(at, byte);
            changed.insert(at, byte);
            assert_found(&changed, &Trust::default(), &format!("twice {at}"));
        }
    }
}

#[rstest]
#[case::complete(small())]
#[case::part(small_part())]
fn no_single_byte_can_be_changed_with_a_key_though_the_digest_is_made_to_fit(
    #[case] export: Vec<u8>,
) {
    let text = redigested(&lines(&export));
    assert_eq!(text, export);
    let body = export.len() - 78;
    for at in 0..body {
        let mut changed = lines(&export).concat().into_bytes();
        changed[at] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else {
            continue;
        };
        let changed = redigested(&[changed]);
        assert_found(&changed, &with_key(), &format!("byte {at}"));
    }
}

#[test]
fn no_line_can_be_left_out_moved_or_repeated_though_all_counts_are_made_to_fit() {
    let log = Sample::new();
    let whole = log.complete(SIZE);
    for line in 1..=usize::try_from(SIZE).unwrap() {
        let without = recounted(&whole, |lines| drop(lines.remove(line)));
        assert_refuted(&without, &Trust::default(), "gap", Some(line as u64));
        let twice = recounted(&whole, |lines| lines.insert(line, lines[line].clone()));
        assert_refuted(&twice, &Trust::default(), "out-of-order", Some(line as u64));
        if line > 1 {
            let swapped = recounted(&whole, |lines| lines.swap(line - 1, line));
            assert_refuted(&swapped, &Trust::default(), "gap", Some(line as u64 - 1));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bytes_are_read_only_if_they_are_what_would_be_written(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let mut bytes = small_part();
        for (at, byte, what) in changes {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        if let Some(again) = rewritten(&bytes) {
            prop_assert_eq!(again, bytes);
        }
    }
}

/// What is read, written again; the digest as it was found.
fn rewritten(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ExportReader::open(bytes).ok()?;
    let mut events = Vec::new();
    let header = reader.header().clone();
    loop {
        match reader.next_item().ok()? {
            Item::Event(event) => events.push(event),
            Item::End(end) => {
                let written = export(
                    &header,
                    events.iter().map(|it| (&it.record, it.proof.clone())),
                    end.checkpoint.as_ref(),
                );
                let mut lines = lines(&written);
                let (_, rest) = lines
                    .pop()?
                    .split_once(",\"checkpoint\"")
                    .map(|it| (it.0.to_owned(), it.1.to_owned()))?;
                let shown =
                    |at: Option<Sequence>| at.map_or("null".to_owned(), |at| at.to_string());
                let (first, last) = (shown(end.first), shown(end.last));
                let events = end.events;
                lines.push(format!(
                    "{{\"events\":{events},\"first\":{first},\"last\":{last},\"checkpoint\"{rest}"
                ));
                let digest = end.written;
                return Some(
                    format!("{}{{\"sha256\":\"{digest}\"}}\n", lines.concat()).into_bytes(),
                );
            }
        }
    }
}
