//! How an audit is doing.

use std::sync::Arc;

use ordertrace_domain::{Position, RecordedAt, Sequence};

use crate::{Faults, Halt, fold::Published};

/// What the process needs to know of its audit: for readiness, for answers, for alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditStatus {
    /// Everything up to here was folded.
    pub position: Position,
    /// Whether that is all that the log held at the start of the process, or more.
    pub head_at_start_reached: bool,
    /// The newest checkpoint that was accepted.
    pub last: Option<LastCheckpoint>,
    /// The records that were not their order's next event.
    pub faults: Faults,
    /// Checkpoints of which only the tree was compared with the log here: their maps lay too far back.
    pub maps_not_compared: u64,
    /// Whether the log, or its checkpoints, did not answer when they were asked last. They are asked again until they do.
    pub is_log_silent: bool,
    /// What is wrong with the audit's folder, as long as that is tried again. It says nothing of the log.
    pub trouble: Option<Arc<str>>,
    /// Why the audit has stopped for good, if it has.
    pub halted: Option<Halt>,
}

impl AuditStatus {
    pub(crate) const fn at(position: Position, faults: Faults) -> Self {
        Self {
            position,
            head_at_start_reached: false,
            last: None,
            faults,
            maps_not_compared: 0,
            is_log_silent: false,
            trouble: None,
            halted: None,
        }
    }

    /// Whether it has caught up, reaches the log, can use its folder, and has not stopped.
    pub const fn is_ready(&self) -> bool {
        self.head_at_start_reached
            && !self.is_log_silent
            && self.halted.is_none()
            && self.trouble.is_none()
    }
}

/// A checkpoint that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCheckpoint {
    /// Its number among the checkpoints.
    pub number: Sequence,
    /// How many events it covers.
    pub size: Sequence,
    /// When it was recorded.
    pub recorded_at: RecordedAt,
    /// The note.
    pub note: Arc<str>,
}

impl LastCheckpoint {
    pub(crate) fn of(published: &Published) -> Self {
        Self {
            number: published.number,
            size: published.size(),
            recorded_at: published.recorded_at,
            note: published.signed.as_str().into(),
        }
    }
}
