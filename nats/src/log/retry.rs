//! What to do after a try: pure, so that every row of the table is tested without a server.
//!
//! Invariants: after a try in doubt the append is never told "not stored"; tries end within their budget.

use std::time::Duration;

use ordertrace_domain::{AppendError, Cause, Sequence};

use super::answer::{Answer, Pace};

/// While a message of the same subject is on its way through the replicas: they take milliseconds.
const IN_FLIGHT_PAUSE_MAX: Duration = Duration::from_millis(20);
/// The first pause while the stream is unavailable; it doubles from there.
const UNAVAILABLE_PAUSE_FIRST: Duration = Duration::from_millis(10);
/// A new leader takes about five seconds to be elected; once there it is found within this.
const UNAVAILABLE_PAUSE_MAX: Duration = Duration::from_millis(500);
/// By then the pause has long come to its most.
const DOUBLINGS_MAX: u32 = 10;

/// The tries of one append.
#[derive(Debug)]
pub(crate) struct Tries {
    seed: u64,
    count: u32,
    is_in_doubt: bool,
}

/// What comes after a try.
#[derive(Debug)]
pub(crate) enum Step {
    /// The append is settled.
    Settled(Result<Sequence, AppendError>),
    /// The same again, after this pause.
    Again(Duration),
}

impl Tries {
    /// None yet. The seed spreads the pauses of those who wait for the same thing.
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            seed,
            count: 0,
            is_in_doubt: false,
        }
    }

    /// Takes note of an answer that was given to a batch which the append was part of.
    pub(super) fn note(&mut self, answer: &Answer) {
        self.is_in_doubt |= matches!(answer, Answer::InDoubt(_));
    }

    /// What to do after this answer, with so much time left.
    pub(crate) fn after(&mut self, answer: Answer, left: Duration) -> Step {
        self.note(&answer);
        self.count += 1;
        let (pace, cause) = match answer {
            Answer::Stored(last) => return Step::Settled(Ok(last)),
            Answer::ReadBack => return Step::Settled(Err(AppendError::Conflict)),
            Answer::Refused(cause) => return Step::Settled(Err(self.give_up(cause))),
            Answer::NotNow(pace, cause) => (pace, cause),
            Answer::InDoubt(cause) => (Pace::Unavailable, cause),
        };
        let pause = self.pause(pace);
        if pause < left {
            Step::Again(pause)
        } else {
            Step::Settled(Err(self.give_up(cause)))
        }
    }

    /// The error of an append that is not tried again.
    pub(super) fn give_up(&self, cause: impl Into<Cause>) -> AppendError {
        if self.is_in_doubt {
            AppendError::OutcomeUnknown(cause.into())
        } else {
            AppendError::NotStored(cause.into())
        }
    }

    /// Whether some try may have been stored without an answer.
    pub(super) const fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    fn pause(&self, pace: Pace) -> Duration {
        let spread = spread(self.seed, self.count);
        match pace {
            Pace::InFlight => {
                Duration::from_millis(1)
                    + (IN_FLIGHT_PAUSE_MAX - Duration::from_millis(1)).mul_f64(spread)
            }
            Pace::Unavailable => {
                let doublings = self.count.saturating_sub(1).min(DOUBLINGS_MAX);
                let most =
                    (UNAVAILABLE_PAUSE_FIRST * 2_u32.pow(doublings)).min(UNAVAILABLE_PAUSE_MAX);
                most.mul_f64(0.5 + spread / 2.0)
            }
        }
    }
}

/// A number from 0 to 1 that differs from append to append and from try to try (the finaliser of SplitMix64).
fn spread(seed: u64, count: u32) -> f64 {
    let mut bits = seed.wrapping_add(u64::from(count).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 32) as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLE: Duration = Duration::from_secs(10);

    fn doubt() -> Answer {
        Answer::InDoubt("silence".into())
    }

    fn unavailable() -> Answer {
        Answer::NotNow(Pace::Unavailable, "no leader".into())
    }

    fn settled(step: Step) -> Result<Sequence, AppendError> {
        match step {
            Step::Settled(result) => result,
            Step::Again(pause) => panic!("to be tried again after {pause:?}"),
        }
    }

    #[test]
    fn a_stored_append_is_settled() {
        let step = Tries::new(1).after(Answer::Stored(Sequence::new(5)), AMPLE);
        assert_eq!(settled(step).unwrap(), Sequence::new(5));
    }

    #[test]
    fn silence_is_answered_by_the_same_again() {
        assert!(matches!(
            Tries::new(1).after(doubt(), AMPLE),
            Step::Again(_)
        ));
    }

    #[test]
    fn a_conflict_after_silence_is_a_conflict_since_the_log_can_be_asked() {
        let mut tries = Tries::new(1);
        let _ = tries.after(doubt(), AMPLE);
        let step = tries.after(Answer::ReadBack, AMPLE);
        assert!(matches!(settled(step), Err(AppendError::Conflict)));
    }

    #[test]
    fn after_silence_nothing_is_ever_told_as_not_stored() {
        let mut tries = Tries::new(1);
        let _ = tries.after(doubt(), AMPLE);
        let step = tries.after(Answer::Refused("full".into()), AMPLE);
        assert!(matches!(settled(step), Err(AppendError::OutcomeUnknown(_))));
        let step = tries.after(unavailable(), Duration::ZERO);
        assert!(matches!(settled(step), Err(AppendError::OutcomeUnknown(_))));
    }

    #[test]
    fn silence_to_a_batch_leaves_its_members_in_doubt() {
        let mut tries = Tries::new(1);
        tries.note(&doubt());
        let step = tries.after(Answer::Refused("full".into()), AMPLE);
        assert!(matches!(settled(step), Err(AppendError::OutcomeUnknown(_))));
    }

    #[test]
    fn a_refusal_without_earlier_silence_is_not_stored() {
        let step = Tries::new(1).after(Answer::Refused("full".into()), AMPLE);
        assert!(matches!(settled(step), Err(AppendError::NotStored(_))));
    }

    #[test]
    fn at_the_end_of_the_budget_it_is_given_up() {
        let step = Tries::new(1).after(unavailable(), Duration::ZERO);
        assert!(matches!(settled(step), Err(AppendError::NotStored(_))));
        let step = Tries::new(1).after(doubt(), Duration::ZERO);
        assert!(matches!(settled(step), Err(AppendError::OutcomeUnknown(_))));
    }

    #[test]
    fn pauses_for_a_message_in_flight_are_1_to_20_ms_and_spread() {
        let pauses: Vec<Duration> = (0..100)
            .map(|seed| Tries::new(seed).pause(Pace::InFlight))
            .collect();
        let bounds = Duration::from_millis(1)..=IN_FLIGHT_PAUSE_MAX;
        assert!(pauses.iter().all(|pause| bounds.contains(pause)));
        let early = pauses
            .iter()
            .filter(|pause| **pause < Duration::from_millis(10))
            .count();
        assert!((20..80).contains(&early), "{early} of 100 are early");
    }

    #[test]
    fn pauses_without_a_leader_grow_to_half_a_second() {
        let mut tries = Tries::new(7);
        let pauses: Vec<Duration> = (0..12)
            .map(|_| match tries.after(unavailable(), AMPLE) {
                Step::Again(pause) => pause,
                Step::Settled(result) => panic!("settled: {result:?}"),
            })
            .collect();
        assert!(pauses[0] <= UNAVAILABLE_PAUSE_FIRST);
        assert!(pauses[11] >= UNAVAILABLE_PAUSE_MAX / 2 && pauses[11] <= UNAVAILABLE_PAUSE_MAX);
    }
}
