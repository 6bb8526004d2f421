//! Exports that are not what would be written, or that contradict themselves.

use super::{Vector, flip_payload, of_export, whole};
use crate::bytes::{edited, lines, recounted, replace};
use crate::sample::*;

/// Bytes that are not what would be written.
pub(super) fn of_lines() -> Vec<Vector> {
    let whole = Sample::of(records("history")[..26].to_vec(), log_key()).complete(26);
    let text = String::from_utf8(whole.clone()).unwrap();
    let edit = |edit: &dyn Fn(&mut Vec<String>)| edited(&whole, |lines| edit(lines));
    let space = edit(&|lines| replace(&mut lines[5], "\"position\":", "\"position\": "));
    let zero = edit(&|lines| replace(&mut lines[5], "\"position\":5", "\"position\":05"));
    let escape = edit(&|lines| replace(&mut lines[5], "ordertrace.", "ordertrac\\u0065."));
    let time = edit(&|lines| replace(&mut lines[5], "Z\",\"subject", "+00:00\",\"subject"));
    let order = edit(&|lines| {
        replace(
            &mut lines[0],
            "\"from\":1,\"to\":26",
            "\"to\":26,\"from\":1",
        )
    });
    let carriage = edit(&|lines| replace(&mut lines[5], "}\n", "}\r\n"));
    let padding = edit(&|lines| {
        let line = lines.iter_mut().find(|line| line.ends_with("=\"}\n"));
        let line = line.expect("a payload with padding");
        replace(line, "=\"}\n", "\"}\n");
    });
    let bits = edit(&|lines| {
        let line = lines.iter_mut().find(|line| line.ends_with("=\"}\n"));
        let line = line.expect("a payload with padding");
        let end = line.find('=').unwrap();
        let last = line.as_bytes()[end - 1];
        line.replace_range(end - 1..end, &char::from(last + 1).to_string());
    });
    let version = edit(&|lines| replace(&mut lines[0], "export/1", "export/2"));
    let upper = text.replacen("{\"sha256\":\"", "{\"sha256\":\"A", 1);
    let cut = lines(&whole)[..11].concat().into_bytes();
    vec![
        of_export("space", space, "not-canonical"),
        of_export("leading-zero", zero, "not-canonical"),
        of_export("needless-escape", escape, "not-canonical"),
        of_export("time-zone", time, "not-canonical"),
        of_export("key-order", order, "not-canonical"),
        of_export("carriage-return", carriage, "not-canonical"),
        of_export("padding", padding, "not-canonical"),
        of_export("bits-left-over", bits, "not-canonical"),
        of_export("format", version, "not-canonical"),
        of_export("digest-form", upper.into_bytes(), "not-canonical"),
        of_export(
            "line-behind-the-end",
            [&whole[..], b"\n"].concat(),
            "not-canonical",
        ),
        of_export(
            "no-last-line",
            lines(&whole).concat().into_bytes(),
            "cut-off",
        ),
        of_export("cut-off", cut, "cut-off"),
        of_export("no-line-feed", whole[..whole.len() - 1].to_vec(), "cut-off"),
        of_export("digest", flipped_payload(&whole), "wrong-digest"),
    ]
}

/// A payload that was changed by somebody who left the digest as it was.
fn flipped_payload(whole: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(whole.to_vec()).unwrap();
    let mut lines: Vec<_> = text.split_inclusive('\n').map(ToOwned::to_owned).collect();
    flip_payload(&mut lines[2]);
    lines.concat().into_bytes()
}

/// Files that say two things.
pub(super) fn contradictions() -> Vec<Vector> {
    let log = Sample::new();
    let whole = whole();
    let edit = |edit: &dyn Fn(&mut Vec<String>)| edited(&whole, |lines| edit(lines));
    let count = edit(&|lines| replace(&mut lines[61], "\"events\":60", "\"events\":59"));
    let last = edit(&|lines| replace(&mut lines[61], "\"last\":60", "\"last\":59"));
    let origin = edit(&|lines| replace(&mut lines[0], "orders", "others"));
    let null = edit(&|lines| replace(&mut lines[0], "\"vectors.example/orders\"", "null"));
    let incarnation =
        edit(&|lines| replace(&mut lines[0], "\"incarnation\":\"1", "\"incarnation\":\"2"));
    let beyond = edit(&|lines| replace(&mut lines[0], "\"to\":60", "\"to\":61"));
    let less = recounted(&whole, |lines| {
        replace(&mut lines[0], "\"to\":60", "\"to\":50");
        lines.drain(51..61);
    });
    let needless = log.part(&log.header(1, SIZE), |_| true);
    vec![
        of_export("count", count, "contradiction"),
        of_export("last", last, "contradiction"),
        of_export("origin", origin, "contradiction"),
        of_export("origin-null", null, "contradiction"),
        of_export("incarnation", incarnation, "contradiction"),
        of_export("range", beyond, "contradiction"),
        of_export("no-proofs", less, "contradiction"),
        of_export("needless-proofs", needless, "contradiction"),
    ]
}
