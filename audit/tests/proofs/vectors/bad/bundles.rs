//! Bundles with something wrong in them.

use ordertrace_domain::Hash;

use super::{KEPT, Vector, flip_after, flip_before, flip_payload, of_bundle};
use crate::bytes::{edited_bundle, replace};
use crate::sample::*;

pub(super) fn forms() -> Vec<Vector> {
    let bundle = Sample::new().bundle(2, SIZE, Some(30)).to_json();
    let text = String::from_utf8(bundle.clone()).unwrap();
    let edit = |edit: &dyn Fn(&mut String)| edited_bundle(&bundle, |text| edit(text));
    let mut payload = text.clone();
    flip_payload(&mut payload);
    let space = edit(&|text| replace(text, "\"events\":[", "\"events\": ["));
    let consistency = edit(&|text| replace(text, "\"from\":30", "\"from\":61"));
    let signature = edit(&|text| flip_before(text, "\",\"events\"", 16));
    vec![
        of_bundle("space", space, "not-canonical"),
        of_bundle(
            "cut-off",
            bundle[..bundle.len() - 1].to_vec(),
            "not-canonical",
        ),
        of_bundle("digest", payload.into_bytes(), "wrong-digest"),
        of_bundle("beyond", consistency, "contradiction"),
        of_bundle("signature", signature, "bad-signature"),
        of_bundle("not-cosigned", bundle.clone(), "missing-signature").witnessed(),
    ]
}

pub(super) fn contents() -> Vec<Vector> {
    let log = Sample::new();
    let good = log.bundle(2, SIZE, Some(30));
    let bytes = good.to_json();
    let edit = |edit: &dyn Fn(&mut String)| edited_bundle(&bytes, |text| edit(text));
    let mut incomplete = good.clone();
    incomplete.events.pop();
    let mut hole = good.clone();
    hole.events.remove(2);
    let mut foreign = good.clone();
    foreign.events = log.bundle(3, SIZE, None).events;
    let mut older = incomplete.clone();
    older.map.tip = log.bundle(2, 40, None).map.tip;
    let mut swapped = good.clone();
    swapped.events.swap(1, 2);
    let mut sibling = good.clone();
    sibling.map.siblings[0] = Hash::of(b"another");
    let mut consistency = good.clone();
    let proof = consistency.consistency.as_mut();
    proof.unwrap().proof[0] = Hash::of(b"another");
    vec![
        of_bundle("incomplete", incomplete.to_json(), "incomplete"),
        of_bundle("hole", hole.to_json(), "broken-chain").at(38),
        of_bundle("foreign", foreign.to_json(), "broken-chain").at(3),
        of_bundle("older-tip", older.to_json(), "wrong-map-root"),
        of_bundle("map-proof", sibling.to_json(), "wrong-map-root"),
        of_bundle("swapped", swapped.to_json(), "out-of-order").at(14),
        of_bundle("payload", edit(&flip_payload), "wrong-leaf").at(2),
        of_bundle(
            "proof",
            edit(&|text| flip_after(text, "\"proof\":[\"")),
            "wrong-leaf",
        )
        .at(2),
        of_bundle("consistency", consistency.to_json(), "forked").kept(KEPT),
    ]
}
