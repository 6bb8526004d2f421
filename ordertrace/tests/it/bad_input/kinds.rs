//! Every kind of problem comes up in some test that sends what leads to it.

use std::{collections::BTreeSet, fs, path::Path};

use ordertrace_http::ProblemKind;

use super::{Scene, known, rows::rows};

/// The kinds that no row of the tables has, for they take more than one request, or a fault: where each is tested.
const ELSEWHERE: [(ProblemKind, &str); 15] = [
    (
        ProblemKind::InvalidToken,
        "ordertrace/tests/it/bad_input/known.rs",
    ),
    (ProblemKind::NoCheckpoint, "auditor/tests/auditor/proofs.rs"),
    (
        ProblemKind::VersionConflict,
        "ordertrace/tests/it/bad_input/contended.rs",
    ),
    (
        ProblemKind::RebuildUnderWay,
        "projections/tests/projections/rebuild_routes.rs",
    ),
    (
        ProblemKind::OrderUnreadable,
        "projections/tests/projections/asking.rs",
    ),
    (ProblemKind::OrderFull, "command-api/tests/api/faults.rs"),
    (
        ProblemKind::LogUnavailable,
        "command-api/tests/api/faults.rs",
    ),
    (
        ProblemKind::OutcomeUnknown,
        "command-api/tests/api/faults.rs",
    ),
    (
        ProblemKind::CheckpointBehind,
        "auditor/tests/auditor/restarts.rs",
    ),
    (
        ProblemKind::RateLimited,
        "ordertrace/tests/it/bad_input/known.rs",
    ),
    (ProblemKind::Overloaded, "ordertrace/tests/it/limits.rs"),
    (
        ProblemKind::TooManyStreams,
        "ordertrace/tests/it/bad_input/streams.rs",
    ),
    (
        ProblemKind::NoStreamFree,
        "ordertrace/tests/it/bad_input/streams.rs",
    ),
    (
        ProblemKind::NoKeys,
        "ordertrace/tests/it/bad_input/known.rs",
    ),
    (
        ProblemKind::Internal,
        "ordertrace/src/server/guard/tests.rs",
    ),
];

#[test]
fn every_kind_of_problem_comes_up_in_a_row_or_in_a_test_of_its_own() {
    let scene = Scene {
        order: String::new(),
        other_position: String::new(),
        future_position: String::new(),
    };
    let known = known::rows("").into_iter().map(|(row, _)| row);
    let refusals = rows(&scene).into_iter().chain(known);
    let in_rows: BTreeSet<_> = refusals.filter_map(|row| row.refusal?.1).collect();
    for kind in ProblemKind::ALL {
        let name = kind.name();
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| other == kind);
        let Some((_, file)) = elsewhere else {
            assert!(in_rows.contains(name), "where does {name} come up?");
            continue;
        };
        assert!(!in_rows.contains(name), "{name} is in a row");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let text = fs::read_to_string(&file).unwrap();
        let is_there = text.contains(&format!("\"{name}\"")) || text.contains(&kind.urn());
        assert!(is_there, "{name} does not come up in {}", file.display());
    }
}
