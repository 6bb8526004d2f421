//! Vectors in which nothing is wrong.

use ordertrace_audit::{FilterText, PublicKey};

use super::Kind::{Bundle, Checkpoint, Export};
use super::{KEPT, Vector};
use crate::sample::*;

/// The keys, by the names of their files.
pub(super) fn keys() -> [(&'static str, PublicKey); 4] {
    [
        ("log", log_key().public()),
        ("witness", witness_key().public()),
        ("forged", forged_key().public()),
        ("another", other_key().public()),
    ]
}

pub(super) fn all() -> Vec<Vector> {
    let all = [checkpoints(), exports(), parts(), bundles()];
    all.into_iter().flatten().collect()
}

fn checkpoints() -> Vec<Vector> {
    let log = Sample::new();
    let text = |size| log.checkpoint(size).as_str().as_bytes().to_vec();
    let cosigned = log.cosigned(SIZE).as_str().as_bytes().to_vec();
    vec![
        Vector::good(Checkpoint, "30", text(30)),
        Vector::good(Checkpoint, "60", text(SIZE)),
        Vector::good(Checkpoint, "60", text(SIZE)).kept("checkpoints/60.txt"),
        Vector::good(Checkpoint, "60", text(SIZE))
            .kept(KEPT)
            .not_shown(),
        Vector::good(Checkpoint, "60-cosigned", cosigned).witnessed(),
    ]
}

fn exports() -> Vec<Vector> {
    let log = Sample::new();
    let one = Sample::of(records("history")[..1].to_vec(), log_key());
    let mut header = log.header(1, SIZE);
    header.origin = None;
    let unsigned = log.records.iter().map(|record| (record, None));
    let unsigned = export(&header, unsigned, None);
    header.to = ordertrace_domain::Sequence::START;
    let nothing = export(&header, std::iter::empty(), None);
    let whole = || log.complete(SIZE);
    let cosigned = log.complete_by(&log.cosigned(SIZE));
    vec![
        Vector::good(Export, "one", one.complete(1)),
        Vector::good(Export, "complete", whole()),
        Vector::good(Export, "complete", whole()).keyless(),
        Vector::good(Export, "complete", whole()).kept(KEPT),
        Vector::good(Export, "complete", whole()).kept("checkpoints/60.txt"),
        Vector::good(Export, "complete-40", log.complete(40)).kept(KEPT),
        Vector::good(Export, "cosigned", cosigned).witnessed(),
        Vector::good(Export, "no-checkpoint", unsigned).keyless(),
        Vector::good(Export, "nothing", nothing).keyless(),
    ]
}

fn parts() -> Vec<Vector> {
    let log = Sample::new();
    let range = || log.part(&log.header(13, 40), |_| true);
    let begin = || log.part(&log.header(1, 45), |_| true);
    let mut header = log.header(1, SIZE);
    header.filter = Some(FilterText {
        customer: Some("nobody \"quoted\" \\ \u{7f} \u{1} \n \u{2028} ☕".to_owned()),
        ..FilterText::default()
    });
    let empty = log.part(&header, |_| false);
    header.filter = Some(FilterText {
        order: Some(order(1).to_string()),
        actor: Some("operator:operator".to_owned()),
        recorded_to: Some("2023-11-14T23:00:00Z".to_owned()),
        ..FilterText::default()
    });
    let sparse = log.part(&header, |record| record.sequence.get() % 24 == 1);
    vec![
        Vector::good(Export, "filtered", log.filtered()),
        Vector::good(Export, "filtered", log.filtered()).kept("checkpoints/60.txt"),
        Vector::good(Export, "filtered", log.filtered())
            .kept(KEPT)
            .not_shown(),
        Vector::good(Export, "filtered-empty", empty),
        Vector::good(Export, "filtered-sparse", sparse),
        Vector::good(Export, "range", range()),
        Vector::good(Export, "range", range())
            .kept(KEPT)
            .not_shown(),
        Vector::good(Export, "beginning", begin()),
        Vector::good(Export, "beginning", begin()).kept(KEPT),
    ]
}

fn bundles() -> Vec<Vector> {
    let log = Sample::new();
    let one = Sample::of(records("history")[..1].to_vec(), log_key());
    let rubbish = Sample::of(with_rubbish(records("history")), log_key());
    let plain = || log.bundle(2, SIZE, None).to_json();
    let consistent = || log.bundle(2, SIZE, Some(30)).to_json();
    vec![
        Vector::good(Bundle, "one", one.bundle(1, 1, None).to_json()),
        Vector::good(Bundle, "middle", log.bundle(12, 40, None).to_json()),
        Vector::good(Bundle, "many", plain()),
        Vector::good(Bundle, "many", plain()).keyless(),
        Vector::good(Bundle, "many", plain()).kept("checkpoints/60.txt"),
        Vector::good(Bundle, "many", plain()).kept(KEPT).not_shown(),
        Vector::good(Bundle, "consistent", consistent()),
        Vector::good(Bundle, "consistent", consistent()).kept(KEPT),
        Vector::good(
            Bundle,
            "beside-rubbish",
            rubbish.bundle(3, SIZE, None).to_json(),
        ),
    ]
}
