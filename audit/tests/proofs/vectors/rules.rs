//! One vector for each rule that no other vector tests: leave that one rule out of a verifier, and it says something else of
//! the file. All the rest of it is right: digest, roots, proofs, signatures, counts.

mod agreement;
mod disturbed;
mod form;
mod kept;
mod next_event;
mod parts;
mod payload;
mod shortest;
mod signatures;
mod tips;
mod types;

use ordertrace_audit::{FilterText, Header};

use super::Kind::{Bundle, Checkpoint, Export};
use super::Vector;
use crate::sample::*;

pub(super) fn all() -> Vec<Vector> {
    let all = [
        form::exports(),
        form::bundles(),
        form::checkpoints(),
        agreement::all(),
        signatures::all(),
        next_event::payloads(),
        types::all(),
        shortest::all(),
        next_event::links(),
        parts::all(),
        tips::all(),
        kept::checkpoints(),
        kept::all(),
    ];
    all.into_iter().flatten().collect()
}

fn good_export(name: &str, bytes: Vec<u8>) -> Vector {
    Vector::good(Export, name, bytes)
}

fn bad_export(name: &str, bytes: Vec<u8>, finding: &'static str) -> Vector {
    Vector::bad(Export, name, bytes, finding)
}

fn good_bundle(name: &str, bytes: Vec<u8>) -> Vector {
    Vector::good(Bundle, name, bytes)
}

fn bad_bundle(name: &str, bytes: Vec<u8>, finding: &'static str) -> Vector {
    Vector::bad(Bundle, name, bytes, finding)
}

fn good_checkpoint(name: &str, note: &str) -> Vector {
    Vector::good(Checkpoint, name, note.as_bytes().to_vec())
}

fn bad_checkpoint(name: &str, note: &str, finding: &'static str) -> Vector {
    Vector::bad(Checkpoint, name, note.as_bytes().to_vec(), finding)
}

/// A header that says that something was looked for.
fn sought(log: &Sample, from: u64, to: u64) -> Header {
    let filter = FilterText {
        customer: Some("somebody".to_owned()),
        ..FilterText::default()
    };
    Header {
        filter: Some(filter),
        ..log.header(from, to)
    }
}
