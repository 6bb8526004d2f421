//! Parts of the log with something wrong in them.

use ordertrace_domain::{Record, Sequence};

use super::{Vector, flip_after, flip_payload, of_export};
use crate::bytes::{edited, lines, recounted, replace};
use crate::sample::*;

/// Parts of the log, whose events bring their proofs.
pub(super) fn all() -> Vec<Vector> {
    let log = Sample::new();
    let filtered = log.filtered();
    let edit = |edit: &dyn Fn(&mut Vec<String>)| edited(&filtered, |lines| edit(lines));
    let proof = edit(&|lines| flip_after(&mut lines[3], "\"proof\":[\""));
    let longer = edit(&|lines| {
        let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        replace(&mut lines[3], "\"]}", &format!("\",\"{hash}\"]}}"));
    });
    let no_proof = edit(&|lines| {
        let (before, _) = lines[3].split_once(",\"proof\"").unwrap();
        lines[3] = format!("{before}}}\n");
    });
    let time = edit(&|lines| replace(&mut lines[1], "At\":\"2023", "At\":\"2022"));
    let payload = edit(&|lines| flip_payload(&mut lines[3]));
    let range = log.part(&log.header(13, 40), |record| record.sequence.get() != 20);
    let order = recounted(&filtered, |lines| lines.swap(3, 4));
    let mut header = log.header(1, SIZE);
    header.filter = Some(ordertrace_audit::FilterText {
        order: Some(order_text()),
        ..Default::default()
    });
    let mut mixed = records("another history");
    mixed[12] = log.records[12].clone();
    let mixed = Sample::of(mixed, log_key());
    let of_first = |record: &Record| record.sequence.get() % ORDERS == 1;
    let neighbours = mixed.part(&header, of_first);
    header.to = Sequence::new(20);
    let outside = log.part(&log.header(1, SIZE), of_first);
    let outside = edited(&outside, |lines| {
        lines[0] = first_line(&log.part(&header, of_first))
    });
    vec![
        of_export("part-payload", payload, "wrong-leaf").at(15),
        of_export("part-time", time, "wrong-leaf").at(13),
        of_export("part-proof", proof, "wrong-leaf").at(15),
        of_export("part-longer-proof", longer, "wrong-leaf").at(15),
        of_export("part-no-proof", no_proof, "contradiction"),
        of_export("part-outside", outside, "contradiction"),
        of_export("part-order", order, "out-of-order").at(15),
        of_export("part-neighbours", neighbours, "broken-chain").at(13),
        of_export("range-gap", range, "gap").at(20),
    ]
}

fn first_line(export: &[u8]) -> String {
    lines(export).remove(0)
}

fn order_text() -> String {
    order(1).to_string()
}
