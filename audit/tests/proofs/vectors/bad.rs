//! Vectors with something wrong in them: one of each way to tamper, most of them with a digest and with counts that were
//! made to fit, as somebody does who knows the format.

mod bundles;
mod forms;
mod parts;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_audit::{Checkpoint, SignedCheckpoint};
use ordertrace_domain::{Hash, Incarnation};

use super::Kind::{self, Bundle, Export};
use super::{KEPT, Vector};
use crate::bytes::{edited, recounted, replace};
use crate::sample::*;

pub(super) fn all() -> Vec<Vector> {
    let all = [
        checkpoints(),
        forms::of_lines(),
        forms::contradictions(),
        signatures(),
        events(),
        places(),
        roots(),
        kept(),
        parts::all(),
        bundles::forms(),
        bundles::contents(),
    ];
    all.into_iter().flatten().collect()
}

fn whole() -> Vec<u8> {
    Sample::new().complete(SIZE)
}

fn of_export(name: &str, bytes: Vec<u8>, finding: &'static str) -> Vector {
    Vector::bad(Export, name, bytes, finding)
}

fn of_bundle(name: &str, bytes: Vec<u8>, finding: &'static str) -> Vector {
    Vector::bad(Bundle, name, bytes, finding)
}

/// Puts another character in the place of the first one after a text.
fn flip_after(line: &mut String, before: &str) {
    let at = line.find(before).unwrap() + before.len();
    let other = if line[at..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    line.replace_range(at..=at, other);
}

/// Puts another character in the place of one that stands some way before the last of a text.
fn flip_before(line: &mut String, last: &str, back: usize) {
    let at = line.rfind(last).unwrap() - back;
    let other = if line[at..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    line.replace_range(at..=at, other);
}

fn checkpoints() -> Vec<Vector> {
    let log = Sample::new();
    let good = log.checkpoint(SIZE).as_str().to_owned();
    let of = |name, text: String, finding| {
        Vector::bad(Kind::Checkpoint, name, text.into_bytes(), finding)
    };
    let grown = good.replace("\n60\n", "\n61\n");
    let forged = SignedCheckpoint::sign(log.state(SIZE), &forged_key());
    let other = Sample::of(records("history"), other_key()).checkpoint(SIZE);
    let mut signature = good.clone();
    flip_before(&mut signature, "\n", 20);
    let witness = Vector::bad(
        Kind::Checkpoint,
        "not-cosigned",
        good.clone().into_bytes(),
        "missing-signature",
    );
    vec![
        of("size", grown, "bad-signature"),
        of("signature", signature, "bad-signature"),
        of("forged", forged.as_str().to_owned(), "missing-signature"),
        of("origin", other.as_str().to_owned(), "other-origin"),
        of(
            "leading-zero",
            good.replace("\n60\n", "\n060\n"),
            "unreadable-checkpoint",
        ),
        of(
            "extra-line",
            good.replace("\nmap ", "\nmore\nmap "),
            "unreadable-checkpoint",
        ),
        of(
            "no-signature",
            good.split_once("— ").unwrap().0.to_owned(),
            "unreadable-checkpoint",
        ),
        witness.witnessed(),
        of(
            "older",
            log.checkpoint(20).as_str().to_owned(),
            "rolled-back",
        )
        .kept(KEPT),
    ]
}

/// Changes a byte of the first payload in a text that ties the event to nothing: one of its command's hash.
fn flip_payload(text: &mut String) {
    const HASH: &[u8] = b"command_hash";
    let begin = text.find("\"payload\":\"").unwrap() + 11;
    let end = begin + text[begin..].find('"').unwrap();
    let mut payload = STANDARD.decode(&text[begin..end]).unwrap();
    let key = payload.windows(HASH.len()).position(|at| at == HASH);
    payload[key.unwrap() + HASH.len() + 9] ^= 1;
    text.replace_range(begin..end, &STANDARD.encode(payload));
}

fn signatures() -> Vec<Vector> {
    let log = Sample::new();
    let forged = SignedCheckpoint::sign(log.state(SIZE), &forged_key());
    let forged = log.complete_by(&forged);
    let other = Sample::of(records("history"), other_key()).complete(SIZE);
    let signature = edited(&whole(), |lines| flip_before(&mut lines[61], "\n", 20));
    let size = edited(&whole(), |lines| {
        flip_after(&mut lines[61], "orders\\n60\\n")
    });
    let mut header = log.header(1, SIZE);
    header.origin = None;
    let unsigned = log.records.iter().map(|record| (record, None));
    let unsigned = export(&header, unsigned, None);
    vec![
        of_export("signature", signature, "bad-signature"),
        of_export("checkpoint", size.clone(), "bad-signature"),
        of_export("checkpoint", size, "wrong-tree-root").keyless(),
        of_export("forged", forged, "missing-signature"),
        of_export("other-log", other, "other-origin"),
        of_export("not-cosigned", whole(), "missing-signature").witnessed(),
        of_export("not-signed", unsigned, "no-checkpoint"),
    ]
}

/// Events that were changed.
fn events() -> Vec<Vector> {
    let whole = whole();
    let edit = |edit: &dyn Fn(&mut Vec<String>)| edited(&whole, |lines| edit(lines));
    let rubbish = Sample::of(with_rubbish(records("history")), log_key());
    let subject = |number| ordertrace_domain::event_subject(order(number));
    let foreign = edit(&|lines| replace(&mut lines[30], &subject(6), &subject(7)));
    let shard = edit(&|lines| {
        let wrong = subject(6).replacen("events.", "events.9", 1);
        replace(&mut lines[30], &subject(6), &wrong);
    });
    let earlier = |lines: &mut Vec<String>| replace(&mut lines[30], "At\":\"2023", "At\":\"2022");
    vec![
        of_export(
            "payload",
            edit(&|lines| flip_payload(&mut lines[30])),
            "broken-chain",
        )
        .at(42),
        of_export(
            "last-payload",
            edit(&|lines| flip_payload(&mut lines[60])),
            "wrong-tree-root",
        ),
        of_export("subject", foreign, "broken-chain").at(30),
        of_export("shard", shard, "broken-chain").at(30),
        of_export("time", edit(&earlier), "wrong-tree-root"),
        of_export("rubbish", rubbish.complete(SIZE + 1), "broken-chain").at(8),
    ]
}

/// Events that are not where they were.
fn places() -> Vec<Vector> {
    let whole = whole();
    let edit = |edit: &dyn Fn(&mut Vec<String>)| recounted(&whole, |lines| edit(lines));
    let exchanged = edit(&|lines| {
        let body = |line: &String| line.split_once(",\"subject").unwrap().1.to_owned();
        let bodies = [1, 2].map(|at| body(&lines[at]));
        let [first, second] = &bodies;
        lines[1] = lines[1].replace(first, second);
        lines[2] = lines[2].replace(second, first);
    });
    let inserted = edit(&|lines| lines.insert(31, lines[30].clone()));
    vec![
        of_export("deleted", edit(&|lines| drop(lines.remove(30))), "gap").at(30),
        of_export(
            "end-deleted",
            edit(&|lines| drop(lines.drain(51..61))),
            "gap",
        )
        .at(51),
        of_export("first-deleted", edit(&|lines| drop(lines.remove(1))), "gap").at(1),
        of_export("swapped", edit(&|lines| lines.swap(30, 31)), "gap").at(30),
        of_export("exchanged", exchanged, "wrong-tree-root"),
        of_export("inserted", inserted, "out-of-order").at(30),
    ]
}

fn signed(state: Checkpoint) -> Vec<u8> {
    Sample::new().complete_by(&SignedCheckpoint::sign(state, &log_key()))
}

/// Checkpoints that were signed and are not true.
fn roots() -> Vec<Vector> {
    let state = Sample::new().state(SIZE);
    let tree_root = Hash::of(b"another");
    let map_root = Hash::of(b"another");
    let tree = Checkpoint {
        tree_root,
        ..state.clone()
    };
    let map = Checkpoint { map_root, ..state };
    vec![
        of_export("tree-root", signed(tree), "wrong-tree-root"),
        of_export("map-root", signed(map), "wrong-map-root"),
    ]
}

/// Logs that are true in themselves, and don't go on from the checkpoint that was kept.
fn kept() -> Vec<Vector> {
    let log = Sample::new();
    let other = Sample::of(records("another history"), log_key());
    let mut anew = Sample::new();
    anew.incarnation = Incarnation::from_created_nanos(CREATED + 1);
    vec![
        of_export("rolled-back", log.complete(20), "rolled-back").kept(KEPT),
        of_export("forked", other.complete(SIZE), "forked").kept(KEPT),
        of_export("forked-same-size", other.complete(30), "forked").kept(KEPT),
        of_export("recreated", anew.complete(SIZE), "recreated").kept(KEPT),
        of_export("kept-forged", whole(), "missing-signature").kept("checkpoints/bad-forged.txt"),
        of_bundle(
            "rolled-back",
            log.bundle(1, 20, None).to_json(),
            "rolled-back",
        )
        .kept(KEPT),
        of_bundle(
            "forked",
            other.bundle(1, SIZE, Some(30)).to_json(),
            "forked",
        )
        .kept(KEPT),
        of_bundle(
            "recreated",
            anew.bundle(1, SIZE, Some(30)).to_json(),
            "recreated",
        )
        .kept(KEPT),
    ]
}
