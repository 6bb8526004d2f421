//! The mutations that `.ci/mutations` tries still fit the source, and their checks are still there.
//!
//! Invariant: nothing is built or changed here. Whether a check turns red is for the script to find out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::repository::sources;

/// What the lines above a patch say.
const WORDS: [&str; 4] = ["Mutation: ", "Breaks: ", "Check: ", "Red by: "];

/// Fewer were lost on the way.
const MUTATIONS_MIN: usize = 8;

/// A place in a file that a patch changes.
struct Hunk {
    file: PathBuf,
    /// The lines as they are before.
    before: Vec<String>,
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

/// Every mutation's name and text.
fn mutations() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("faults/mutations")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let patches = files.filter(|path| path.extension().is_some_and(|it| it == "patch"));
    let named = patches.map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).unwrap())
    });
    named.collect()
}

/// What a patch says behind these words.
fn said<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut above = text.lines().take_while(|line| !line.starts_with("diff "));
    above.find_map(|line| line.strip_prefix(word))
}

fn hunks(text: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut file = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("--- a/") {
            file = Some(root().join(name));
        } else if line.starts_with("@@ ") {
            let file = file.clone().unwrap();
            let before = Vec::new();
            hunks.push(Hunk { file, before });
        } else if let (Some(hunk), Some(kept)) = (hunks.last_mut(), line.strip_prefix([' ', '-']))
            && !line.starts_with("--- ")
        {
            hunk.before.push(kept.to_owned());
        }
    }
    hunks
}

#[test]
fn every_mutation_still_fits_the_source() {
    let mutations = mutations();
    assert!(mutations.len() >= MUTATIONS_MIN, "{}", mutations.len());
    for (name, text) in mutations {
        let hunks = hunks(&text);
        assert!(!hunks.is_empty(), "{name} changes nothing");
        for Hunk { file, before } in hunks {
            let source = fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<&str> = source.lines().collect();
            let fits = lines.windows(before.len()).any(|window| window == before);
            let file = file.file_name().unwrap().display();
            assert!(fits, "{name} does not fit {file} any more: draw it up anew");
        }
    }
}

#[test]
fn every_mutation_names_a_check_that_is_there_and_what_it_says() {
    let sources = sources();
    for (name, text) in mutations() {
        for word in WORDS {
            let said = said(&text, word).unwrap_or_default();
            assert!(!said.trim().is_empty(), "{name} does not say its {word:?}");
        }
        let check = said(&text, "Check: ").unwrap();
        let path = check.rsplit(' ').next().unwrap();
        // A case of a test stands behind its function.
        let parts = path.split("::").filter(|part| !part.starts_with("case_"));
        let function = format!("fn {}(", parts.last().unwrap());
        let is_there = sources.iter().any(|(_, text)| text.contains(&function));
        assert!(is_there, "{name}: there is no check {path}");
    }
}
