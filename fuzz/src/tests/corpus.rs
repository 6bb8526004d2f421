//! The corpus of each target begins with its seeds. What the fuzzers have found stands beside them, and is never removed by
//! hand.

use std::fs;

use super::{corpus_of, folder, seeds};
use crate::TARGETS;

/// The largest file: a corpus is small, so that all of it runs with the tests.
const FILE_BYTES_MAX: usize = 32 * 1024;

#[test]
fn the_corpus_has_the_seeds() {
    let is_to_write = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (target, _) in TARGETS {
        let folder = folder().join("corpus").join(target);
        if is_to_write {
            fs::create_dir_all(&folder).unwrap();
            for (name, bytes) in seeds::of(target) {
                fs::write(folder.join(name), bytes).unwrap();
            }
        }
        let corpus = corpus_of(target);
        for seed in seeds::of(target) {
            assert!(
                corpus.contains(&seed),
                "{target}/{} is not as its source has it: UPDATE_GOLDEN=1 writes it",
                seed.0
            );
        }
    }
}

#[test]
fn the_corpus_is_small() {
    for (target, _) in TARGETS {
        for (name, bytes) in corpus_of(target) {
            assert!(bytes.len() <= FILE_BYTES_MAX, "{target}/{name}");
        }
    }
}
