//! The targets as property tests, and what makes a target whole: its corpus, its program, its place in CI.

mod change;
mod corpus;
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

use crate::TARGETS;
use change::Change;

/// So many changed inputs for each target: it takes all of them together seconds. The fuzzers try millions.
const CASES: u32 = 400;

/// The longest input; what is spliced together beyond it is cut. Nothing here reads longer ones in another way.
const INPUT_BYTES_MAX: usize = 32 * 1024;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The files of a target's corpus, in the order of their names.
fn corpus_of(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder().join("corpus").join(target)).unwrap();
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

/// Changes the corpus at random. What fails is shown as Base64, to be kept as a file of the corpus.
#[track_caller]
pub(crate) fn holds_however_the_corpus_is_changed(target: &str, check: fn(&[u8]) -> bool) {
    let inputs: Vec<_> = corpus_of(target).into_iter().map(|(_, it)| it).collect();
    let changed = Change::some().prop_map(move |changes| {
        let mut input = changes.on(&inputs);
        input.truncate(INPUT_BYTES_MAX);
        Input(input)
    });
    let mut config = Config::with_cases(CASES);
    config.failure_persistence = None;
    let outcome = TestRunner::new(config).run(&changed, |Input(bytes)| {
        check(&bytes);
        Ok(())
    });
    outcome.unwrap();
}

struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        write!(
            f,
            "{} ({})",
            STANDARD.encode(&self.0),
            self.0.escape_ascii()
        )
    }
}

#[test]
fn a_target_takes_some_of_its_corpus_and_refuses_some() {
    for (target, check) in TARGETS {
        let taken = |(_, bytes): &(String, Vec<u8>)| check(bytes);
        let (taken, refused): (Vec<_>, Vec<_>) = corpus_of(target).into_iter().partition(taken);
        assert!(!taken.is_empty(), "{target} takes nothing");
        assert!(!refused.is_empty(), "{target} takes everything");
    }
}

#[test]
fn a_target_has_a_program_and_every_program_a_target() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for (target, _) in TARGETS {
        let path = format!("fuzz_targets/{target}.rs");
        assert!(manifest.contains(&format!("path = \"{path}\"")), "{target}");
        let program = fs::read_to_string(folder().join(path)).unwrap();
        let call = format!("ordertrace_fuzz::target!({target});");
        assert!(program.contains(&call), "{target}");
    }
    let programs = fs::read_dir(folder().join("fuzz_targets")).unwrap();
    assert_eq!(programs.count(), TARGETS.len());
}
