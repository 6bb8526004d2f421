//! The rules of the repository that no tool checks.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest a source file may be. A longer one does more than one job.
const LINES_MAX: usize = 300;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every Rust file of the workspace, with its text.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for member in members() {
        for folder in ["src", "tests", "benches", "examples"] {
            walk(&member.join(folder), &mut found);
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The folders of the workspace's crates.
fn members() -> Vec<PathBuf> {
    let entries = fs::read_dir(root()).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path());
    folders
        .filter(|folder| folder.join("Cargo.toml").is_file())
        .collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Whether a line begins with these words: an attribute does, a string that only names one does not.
fn begins_a_line(text: &str, words: &str) -> bool {
    text.lines()
        .any(|line| line.trim_start().starts_with(words))
}

#[test]
fn every_crate_takes_its_lints_and_its_facts_from_the_workspace() {
    for member in members() {
        let manifest = fs::read_to_string(member.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{}",
            shown(&member)
        );
        for fact in ["version", "edition", "rust-version", "license", "publish"] {
            let line = format!("{fact}.workspace = true");
            assert!(
                manifest.lines().any(|it| it == line),
                "{}: {fact}",
                shown(&member)
            );
        }
    }
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_allowed() {
    for (path, text) in sources() {
        for attribute in ["#[allow(", "#![allow("] {
            assert!(!begins_a_line(&text, attribute), "{}", shown(&path));
        }
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{}", shown(&path));
    }
}

#[test]
fn no_source_file_is_longer_than_it_may_be() {
    for (path, text) in sources() {
        let (path, lines) = (shown(&path), text.lines().count());
        let is_source = path.contains("/src/");
        assert!(!is_source || lines <= LINES_MAX, "{path} has {lines} lines");
    }
}

#[test]
fn nothing_is_left_to_be_done() {
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"]].map(|halves| halves.concat());
    for (path, text) in sources() {
        let found = marks.iter().find(|mark| text.contains(mark.as_str()));
        assert_eq!(found, None, "{}", shown(&path));
    }
}

#[test]
fn decisions_are_numbered_without_a_gap_and_each_says_how_it_stands() {
    let entries = fs::read_dir(root().join("docs/adr")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for (name, number) in names.iter().zip(1..) {
        let (prefix, rest) = name.split_once('-').unwrap();
        assert_eq!(prefix, format!("{number:04}"), "{name}");
        assert!(rest.ends_with(".md"), "{name}");
        let text = fs::read_to_string(root().join("docs/adr").join(name)).unwrap();
        assert!(text.starts_with(&format!("# {number}. ")), "{name}");
        for part in ["**Status:**", "**Context.**", "**Decision.**"] {
            assert!(text.contains(part), "{name} has no {part}");
        }
    }
}
