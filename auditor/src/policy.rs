//! When a checkpoint is due.

use std::time::Duration;

use ordertrace_domain::{Sequence, Timestamp};

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
    /// When it was made or seen here; without one, when the audit began.
    pub(crate) at: Timestamp,
}

impl SigningPolicy {
    /// Whether a checkpoint of this size is due.
    pub(crate) fn is_due(&self, since: Since, position: Sequence, now: Timestamp) -> bool {
        let new = position.get().saturating_sub(since.size.get());
        new > 0 && (new >= self.events || now.since(since.at) >= self.every)
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
        let at = Timestamp::from_micros(1_000);
        let since = Since {
            size: Sequence::new(10),
            at,
        };
        let now = at.after(Duration::from_secs(secs));
        assert_eq!(policy.is_due(since, Sequence::new(position), now), is_due);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_make_one_due() {
        let policy = SigningPolicy::default();
        let at = Timestamp::from_micros(1_000_000);
        let since = Since {
            size: Sequence::START,
            at,
        };
        let earlier = at.before(Duration::from_secs(3600));
        assert!(!policy.is_due(since, Sequence::new(1), earlier));
    }
}
