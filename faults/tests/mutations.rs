//! Something is wrong on purpose, and the check that is named for it notices.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ordertrace_faults::{Check, Mutation, simulate_with};

/// In so many seeds at most the mistake has to show.
const SEEDS_MAX: u64 = 300;

/// The check that notices first. A check that is not named for it may not come before.
#[track_caller]
fn turns_red(mutation: Mutation, expected: Check) {
    for seed in 0..SEEDS_MAX {
        let report = simulate_with(seed, Some(mutation), false).unwrap();
        if let Some(violation) = report.violation {
            assert_eq!(violation.check, expected, "seed {seed}: {violation}");
            return;
        }
    }
    panic!("{} went unnoticed in {SEEDS_MAX} seeds", mutation.name());
}

#[test]
fn a_log_that_ignores_expectations_breaks_p6() {
    turns_red(Mutation::ExpectationsIgnored, Check::P6);
}

#[test]
fn an_executor_that_acknowledges_before_the_append_breaks_p1() {
    turns_red(Mutation::AcknowledgedFirst, Check::P1);
}

#[test]
fn a_view_that_writes_its_position_outside_the_batch_breaks_p4() {
    turns_red(Mutation::PositionOutsideBatch, Check::P4);
}

#[test]
fn a_provider_without_idempotency_keys_breaks_p2() {
    turns_red(Mutation::NoIdempotencyKeys, Check::P2);
}

#[test]
fn a_queue_that_acknowledges_before_the_work_breaks_p3() {
    turns_red(Mutation::AcknowledgedBeforeWork, Check::P3);
}

#[test]
fn a_view_that_answers_too_early_breaks_p5() {
    turns_red(Mutation::ReadsDoNotWait, Check::P5);
}

#[test]
fn a_log_that_stores_other_bytes_breaks_p8() {
    turns_red(Mutation::StoredOtherwise, Check::P8);
}

#[test]
fn an_executor_that_does_not_know_its_own_commands_breaks_p10() {
    turns_red(Mutation::RepeatsUnknown, Check::P10);
}

#[test]
fn every_mutation_has_its_test() {
    assert_eq!(Mutation::ALL.len(), 8);
}
