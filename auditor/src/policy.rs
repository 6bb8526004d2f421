//! When a checkpoint is due.

use std::time::Duration;

use ordertrace_domain::Sequence;

/// So many events are put under a checkpoint at the latest.
pub const CHECKPOINT_EVENTS: u64 = 10_000;

/// So long an event stays without a checkpoint at the most, as long as there is a signer.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);

/// When to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningPolicy {
    /// After so many events.
    pub events: u64,
    /// After so long, if there was an event at all.
    pub every: Duration,
}

impl Default for SigningPolicy {
    fn default() -> Self {
        Self {
            events: CHECKPOINT_EVENTS,
            every: CHECKPOINT_EVERY,
        }
    }
}

/// What a checkpoint would follow on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since {
    /// The size of the last checkpoint; [`Sequence::START`] if there is none.
    pub(crate) size: Sequence,
    /// How long ago it was accepted here; without one, how long ago the audit began.
    pub(crate) waited: Duration,
}

impl SigningPolicy {
    /// Whether a checkpoint of this size is due.
    pub(crate) fn is_due(&self, since: Since, position: Sequence) -> bool {
        let new = position.get().saturating_sub(since.size.get());
        new > 0 && (new >= self.events || since.waited >= self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_new(10, 3600, false)]
    #[case::a_shorter_log(9, 3600, false)]
    #[case::one_event_too_early(11, 4, false)]
    #[case::one_event_in_time(11, 5, true)]
    #[case::almost_enough_events(109, 0, false)]
    #[case::enough_events(110, 0, true)]
    fn a_checkpoint_is_due_by_events_or_by_time(
        #[case] position: u64,
        #[case] secs: u64,
        #[case] is_due: bool,
    ) {
        let policy = SigningPolicy {
            events: 100,
            every: Duration::from_secs(5),
        };
        let since = Since {
            size: Sequence::new(10),
            waited: Duration::from_secs(secs),
        };
        assert_eq!(policy.is_due(since, Sequence::new(position)), is_due);
    }
}
