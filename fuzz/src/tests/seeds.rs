//! What each corpus begins with: the golden files and test vectors that are in the repository anyway, and a few texts.

mod requests;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};

use ordertrace_domain::{Envelope, event_subject};

/// Those vectors that are small, and each of which is another thing.
const BUNDLES: [&str; 6] = [
    "one",
    "consistent",
    "middle",
    "bad-digest",
    "bad-payload",
    "bad-cut-off",
];
const EXPORTS: [&str; 9] = [
    "one",
    "nothing",
    "filtered-empty",
    "filtered-sparse",
    "part-unlinked",
    "bad-filter-key-order",
    "bad-number-too-great",
    "bad-size-none",
    "bad-proof-33-bytes",
];
const CHECKPOINTS: [&str; 6] = [
    "30",
    "60",
    "60-cosigned",
    "bad-size",
    "bad-extra-line",
    "bad-leading-zero",
];

/// Seeds whose vector is larger than this are left out: most of the bytes of a large one are more of the same.
const SEED_BYTES_MAX: usize = 16 * 1024;

type Seeds = Vec<(String, Vec<u8>)>;

/// The seeds of a target, by the names of their files.
pub(super) fn of(target: &str) -> Seeds {
    let mut seeds = match target {
        "payload" => payloads(),
        "message" => messages(),
        "row" => rows(),
        "bundle" => vectors("bundles", "json", &BUNDLES),
        "export" => vectors("exports", "ndjson", &EXPORTS),
        "checkpoint" => vectors("checkpoints", "txt", &CHECKPOINTS),
        "verify" => {
            let few = [
                vectors("bundles", "json", &BUNDLES[..1]),
                vectors("exports", "ndjson", &EXPORTS[..1]),
                vectors("checkpoints", "txt", &CHECKPOINTS[..2]),
            ];
            few.concat()
        }
        "key" => vectors("keys", "pub", &["log", "witness"]),
        "add_checkpoint" => requests::to_a_witness(),
        _ => Vec::new(),
    };
    let written = [texts::of(target), requests::of(target)].concat();
    let written = written.into_iter().enumerate();
    seeds.extend(written.map(|(at, text)| (format!("seed-{at:02}"), text.into_bytes())));
    assert!(seeds.iter().all(|(_, bytes)| bytes.len() <= SEED_BYTES_MAX));
    seeds
}

fn repository() -> PathBuf {
    super::folder().join("..")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The golden payloads.
fn payloads() -> Seeds {
    let entries = fs::read_dir(repository().join("domain/golden/events")).unwrap();
    let mut seeds: Seeds = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, unhexed(&String::from_utf8(read(&path)).unwrap()))
        })
        .collect();
    seeds.sort();
    let cut = seeds[0].1.len() / 2;
    let cut_off = seeds[0].1[..cut].to_vec();
    seeds.push(("cut-off".to_owned(), cut_off));
    seeds
}

/// Sixteen bytes a line, their letters behind a bar, below a comment.
fn unhexed(dump: &str) -> Vec<u8> {
    let lines = dump.lines().filter(|line| !line.starts_with('#'));
    let digits = lines.filter_map(|line| line.split('|').next());
    digits
        .flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// The same on their subjects, with their headers.
fn messages() -> Seeds {
    let payloads = payloads().into_iter().step_by(8);
    let messages = payloads.filter_map(|(name, payload)| {
        let envelope = Envelope::decode(&payload).ok()?;
        let head = format!(
            "{}\nNats-Msg-Id: {}\nOrdertrace-Type: {}\nOrdertrace-Schema: 1\n\n",
            event_subject(envelope.order_id),
            envelope.event_id,
            envelope.event.event_type().name,
        );
        Some((name, [head.as_bytes(), &payload].concat()))
    });
    messages.collect()
}

/// What the key of an order's record begins with, in the golden view; and what its value begins with: a byte for the format,
/// and a checksum.
const ROW_KEY: &str = "02";
const ROW_HEAD_BYTES: usize = 5;

/// The rows of the golden view: a line each, its key and its value in hexadecimal.
fn rows() -> Seeds {
    let entries = fs::read_dir(repository().join("projections/tests/projections/golden")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let newest = paths.filter(|path| path.extension() == Some("hex".as_ref())).max();
    let view = String::from_utf8(read(&newest.unwrap())).unwrap();
    let values = view.lines().filter_map(|line| line.split_once(' '));
    let rows = values.filter(|(key, _)| key.starts_with(ROW_KEY));
    rows.map(|(key, value)| {
        let pairs = value.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap());
        (key.to_owned(), bytes.skip(ROW_HEAD_BYTES).collect())
    })
    .collect()
}

/// Files of the audit's test vectors.
fn vectors(folder: &str, ending: &str, names: &[&str]) -> Seeds {
    let folder = repository().join("audit/vectors").join(folder);
    let files = names.iter().map(|name| {
        let name = format!("{name}.{ending}");
        let mut bytes = read(&folder.join(&name));
        if ending == "pub" {
            bytes.truncate(bytes.trim_ascii_end().len());
        }
        (name, bytes)
    });
    files.collect()
}
