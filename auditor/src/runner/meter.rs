//! What an audit tells the metrics.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use ordertrace_domain::Timestamp;

use crate::AuditStatus;

const POSITION: &str = "ordertrace_audit_position";
const CHECKPOINT_SIZE: &str = "ordertrace_audit_checkpoint_size";
const CHECKPOINT_AGE: &str = "ordertrace_audit_checkpoint_age_seconds";
const FAULTS: &str = "ordertrace_audit_faults_total";
const MAPS_NOT_COMPARED: &str = "ordertrace_audit_maps_not_compared_total";
const HALTED: &str = "ordertrace_audit_halted";

/// Says what each of them means.
pub(super) fn describe() {
    describe_gauge!(POSITION, "How many events the audit has folded");
    describe_gauge!(
        CHECKPOINT_SIZE,
        "How many events the last checkpoint covers"
    );
    describe_gauge!(
        CHECKPOINT_AGE,
        Unit::Seconds,
        "How long ago the last checkpoint was recorded"
    );
    describe_counter!(
        FAULTS,
        "Records that were not their order's next event, as this process came upon them"
    );
    describe_counter!(
        MAPS_NOT_COMPARED,
        "Checkpoints of which only the tree was compared with the log"
    );
    describe_gauge!(
        HALTED,
        "1 if the audit has stopped for good, because the log or its checkpoints are not as they were"
    );
    counter!(FAULTS).increment(0);
    counter!(MAPS_NOT_COMPARED).increment(0);
    gauge!(HALTED).set(0.0);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; positions are exact up to 2^53"
)]
pub(super) fn show(status: &AuditStatus, now: Timestamp) {
    gauge!(POSITION).set(status.position.sequence.get() as f64);
    if let Some(last) = &status.last {
        gauge!(CHECKPOINT_SIZE).set(last.size.get() as f64);
        let age = now.since(last.recorded_at.to_timestamp());
        gauge!(CHECKPOINT_AGE).set(age.as_secs_f64());
    }
}

pub(super) fn faults(count: usize) {
    counter!(FAULTS).increment(count as u64);
}

pub(super) fn map_not_compared() {
    counter!(MAPS_NOT_COMPARED).increment(1);
}

pub(super) fn halted() {
    gauge!(HALTED).set(1.0);
}
