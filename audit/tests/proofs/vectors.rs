//! The files under `vectors/`, for whoever writes a verifier of their own: ours has to say of each what the index says.
//!
//! They follow from this program; `UPDATE_GOLDEN=1` writes them. What is there is compared with what would be written, so
//! that neither changes without the other.

mod bad;
mod good;
mod rules;

use std::{env, fs, path::PathBuf};

use ordertrace_audit::{
    Finding, Kept, PublicKey, SignedCheckpoint, Trust, VerifyError, verify_bundle,
    verify_checkpoint, verify_export,
};
use serde::Serialize;

/// What a vector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Export,
    Bundle,
    Checkpoint,
}

/// What a verifier has to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expect {
    Ok,
    /// Nothing is wrong, and the file can't show that it goes on from the kept checkpoint.
    NotShown,
    Bad,
}

/// A line of the index. Files are named relative to it.
#[derive(Debug, Serialize)]
pub(crate) struct Vector {
    file: String,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    witnesses: Vec<&'static str>,
    expect: Expect,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(skip)]
    bytes: Vec<u8>,
}

const KEY: &str = "keys/log.pub";
const WITNESS: &str = "keys/witness.pub";
const KEPT: &str = "checkpoints/30.txt";

impl Vector {
    /// A vector in which nothing is wrong, with the log's key.
    pub(crate) fn good(kind: Kind, name: &str, bytes: Vec<u8>) -> Self {
        let (folder, suffix) = match kind {
            Kind::Export => ("exports", "ndjson"),
            Kind::Bundle => ("bundles", "json"),
            Kind::Checkpoint => ("checkpoints", "txt"),
        };
        Self {
            file: format!("{folder}/{name}.{suffix}"),
            kind,
            key: Some(KEY),
            kept: None,
            witnesses: Vec::new(),
            expect: Expect::Ok,
            finding: None,
            position: None,
            bytes,
        }
    }

    pub(crate) fn bad(kind: Kind, name: &str, bytes: Vec<u8>, finding: &'static str) -> Self {
        Self {
            expect: Expect::Bad,
            finding: Some(finding),
            ..Self::good(kind, &format!("bad-{name}"), bytes)
        }
    }

    pub(crate) fn at(mut self, position: u64) -> Self {
        self.position = Some(position);
        self
    }

    pub(crate) fn keyless(mut self) -> Self {
        self.key = None;
        self
    }

    pub(crate) fn kept(mut self, file: &'static str) -> Self {
        self.kept = Some(file);
        self
    }

    pub(crate) fn witnessed(mut self) -> Self {
        self.witnesses.push(WITNESS);
        self
    }

    pub(crate) fn not_shown(mut self) -> Self {
        self.expect = Expect::NotShown;
        self
    }
}

fn all() -> Vec<Vector> {
    let mut all = good::all();
    all.extend(bad::all());
    all.extend(rules::all());
    all
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn read(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap()
}

#[track_caller]
fn assert_golden(file: &str, bytes: &[u8]) {
    let path = folder().join(file);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    let there = fs::read(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(there == bytes, "{file} differs; UPDATE_GOLDEN=1 writes it");
}

#[test]
fn vectors_are_what_the_index_says_they_are() {
    for (name, key) in good::keys() {
        assert_golden(&format!("keys/{name}.pub"), format!("{key}\n").as_bytes());
    }
    let all = all();
    for vector in &all {
        assert_golden(&vector.file, &vector.bytes);
    }
    let lines: Vec<_> = all
        .iter()
        .map(|it| serde_json::to_string(it).unwrap())
        .collect();
    let index = format!("[\n{}\n]\n", lines.join(",\n"));
    assert_golden("index.json", index.as_bytes());
    let disagreements: Vec<_> = all.iter().filter_map(disagreement).collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// What ours says of a vector, if that is not what the index says.
fn disagreement(vector: &Vector) -> Option<String> {
    let (expect, first) = judge(vector);
    let position = first.as_ref().and_then(|it| it.position);
    let position = position.map(ordertrace_domain::Sequence::get);
    let found = (expect, first.as_ref().map(Finding::code), position);
    let expected = (vector.expect, vector.finding, vector.position);
    let line = || format!("{}: {found:?}, not {expected:?}: {first:?}", vector.file);
    (found != expected).then(line)
}

#[test]
fn every_file_is_in_the_index() {
    let all = all();
    for kind in ["exports", "bundles", "checkpoints"] {
        for entry in fs::read_dir(folder().join(kind)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let file = format!("{kind}/{name}");
            assert!(all.iter().any(|vector| vector.file == file), "{file}");
        }
    }
}

/// What ours says of a vector as it stands in its file.
fn judge(vector: &Vector) -> (Expect, Option<Finding>) {
    let bytes = fs::read(folder().join(&vector.file)).unwrap();
    let key = |file: &&str| PublicKey::parse(read(file).trim_end()).unwrap();
    let trust = Trust {
        keys: vector.key.iter().map(key).collect(),
        kept: vector
            .kept
            .map(|file| SignedCheckpoint::parse(read(file).as_bytes()).unwrap()),
        witnesses: vector.witnesses.iter().map(key).collect(),
    };
    let kept = match vector.kind {
        Kind::Export => verify_export(&bytes[..], &trust).map(|report| report.kept),
        Kind::Bundle => verify_bundle(&bytes, &trust).map(|report| report.kept),
        Kind::Checkpoint => verify_checkpoint(&bytes, &trust)
            .map(|verified| verified.kept)
            .map_err(VerifyError::Refuted),
    };
    match kept {
        Ok(Kept::NotShown) => (Expect::NotShown, None),
        Ok(Kept::NotGiven | Kept::Consistent) => (Expect::Ok, None),
        Err(VerifyError::Refuted(refutation)) => {
            (Expect::Bad, refutation.findings().first().cloned())
        }
        Err(other) => panic!("{}: {other}", vector.file),
    }
}
