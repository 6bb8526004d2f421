//! The codes of findings, as the documentation lists them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The verifier's codes, where they are given out.
const STEPS: &str = include_str!("../../src/verify/step.rs");

/// A file of the repository.
fn read(file: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What stands in quotes behind each of these marks.
fn quoted(text: &str, mark: &str) -> BTreeSet<String> {
    let behind = text.split(mark).skip(1);
    let codes = behind.map(|rest| rest.split_once('"').unwrap().0.to_owned());
    codes.collect()
}

/// All codes that a verification tells: those of the verifier, and those that the program adds about the live log.
fn told() -> BTreeSet<String> {
    let of_log = ["live", "refuted"].map(|file| {
        let source = read(&format!("ordertrace/src/audit/verify/{file}.rs"));
        quoted(&source, " code: \"")
    });
    let mut codes = quoted(STEPS, "=> \"");
    codes.extend(of_log.into_iter().flatten());
    codes
}

/// The first cells of the table that has the codes.
fn listed() -> Vec<String> {
    let page = read("docs/audit.md");
    let (_, table) = page.split_once("| code | step |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let rows = table.lines().filter_map(|row| row.strip_prefix("| `"));
    rows.map(|row| row.split_once('`').unwrap().0.to_owned())
        .collect()
}

#[test]
fn the_page_lists_every_code_once_and_no_other() {
    let (told, mut listed) = (told(), listed());
    listed.sort();
    assert!(told.len() > 20, "{told:?}");
    assert_eq!(listed, Vec::from_iter(told));
}
