//! How a rebuild stands.

use std::time::Duration;

use ordertrace_domain::{Position, Sequence, Timestamp};

use crate::Comparison;

/// One rebuild, at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebuild {
    /// How far it is.
    pub state: RebuildState,
    /// Whether both views are only compared.
    pub dry_run: bool,
    /// Why it was begun.
    pub reason: RebuildReason,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// How far in the log the new view is.
    pub position: Position,
    /// Where the view stood when the log was begun to be read: `events_total` counts up to there.
    pub target: Position,
    /// How many events the new view has taken in, of those up to the target.
    pub events_done: u64,
    /// How many there are up to the target.
    pub events_total: u64,
    /// How many it took in a second, on average.
    pub events_per_second: f64,
    /// How long it takes until the target is reached, at that rate; nothing while nobody can tell.
    pub eta_seconds: Option<u64>,
    /// How many entries of both views were compared.
    pub entries_compared: u64,
    /// What the comparison has come to.
    pub comparison: Option<Comparison>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildState {
    /// The log is read from its start.
    Reading,
    /// Both views are level, and compared.
    Comparing,
    /// The new view has taken the place of the other.
    Switched,
    /// They differ, so the view was kept, and the new one removed.
    Kept,
    /// They were compared, as was asked for; the new one is removed.
    Compared,
    /// It could not be brought to its end. The view goes on.
    Failed,
}

impl RebuildState {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Reading,
        Self::Comparing,
        Self::Switched,
        Self::Kept,
        Self::Compared,
        Self::Failed,
    ];

    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Comparing => "comparing",
            Self::Switched => "switched",
            Self::Kept => "kept",
            Self::Compared => "compared",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing happens any more.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Reading | Self::Comparing => false,
            Self::Switched | Self::Kept | Self::Compared | Self::Failed => true,
        }
    }
}

/// Why a rebuild was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildReason {
    /// Somebody asked for it.
    AskedFor,
    /// The view was made by another revision of the program.
    NewRevision,
}

impl RebuildReason {
    /// A stable word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskedFor => "asked_for",
            Self::NewRevision => "new_revision",
        }
    }
}

impl Rebuild {
    pub(super) fn begun(
        reason: RebuildReason,
        dry_run: bool,
        now: Timestamp,
        target: Position,
    ) -> Self {
        Self {
            state: RebuildState::Reading,
            dry_run,
            reason,
            started_at: now,
            ended_at: None,
            position: Position {
                sequence: Sequence::START,
                ..target
            },
            target,
            events_done: 0,
            events_total: target.sequence.get(),
            events_per_second: 0.0,
            eta_seconds: None,
            entries_compared: 0,
            comparison: None,
            failure: None,
        }
    }

    /// The view stands here, now that the log is begun to be read.
    pub(super) const fn aim_at(&mut self, target: Position) {
        self.target = target;
        self.events_total = target.sequence.get();
    }

    /// It has come here in this time.
    pub(super) fn advance(&mut self, position: Position, elapsed: Duration) {
        self.position = position;
        let taken_in = position.sequence.get();
        self.events_done = taken_in.min(self.events_total);
        let seconds = elapsed.as_secs_f64();
        if seconds > 0.0 {
            #[expect(
                clippy::cast_precision_loss,
                reason = "it is a rate for people to read"
            )]
            let rate = taken_in as f64 / seconds;
            self.events_per_second = rate;
        }
        self.eta_seconds = self.eta(elapsed);
    }

    fn eta(&self, elapsed: Duration) -> Option<u64> {
        let (done, left) = (self.events_done, self.events_total - self.events_done);
        let millis = elapsed.as_millis() * u128::from(left);
        let millis = millis.checked_div(u128::from(done))?;
        u64::try_from(millis.div_ceil(1_000)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::Incarnation;

    fn at(sequence: u64) -> Position {
        Position {
            incarnation: Incarnation::from_created_nanos(1),
            sequence: Sequence::new(sequence),
        }
    }

    #[test]
    fn the_rest_takes_as_long_as_the_rate_so_far_says() {
        let now = Timestamp::from_micros(0);
        let mut rebuild = Rebuild::begun(RebuildReason::AskedFor, false, now, at(4_000));
        rebuild.advance(at(0), Duration::from_secs(1));
        assert_eq!((rebuild.events_done, rebuild.eta_seconds), (0, None));
        rebuild.advance(at(1_000), Duration::from_secs(2));
        assert_eq!((rebuild.events_done, rebuild.eta_seconds), (1_000, Some(6)));
        assert!((rebuild.events_per_second - 500.0).abs() < 0.001);
        rebuild.advance(at(5_000), Duration::from_secs(10));
        assert_eq!((rebuild.events_done, rebuild.eta_seconds), (4_000, Some(0)));
    }
}
