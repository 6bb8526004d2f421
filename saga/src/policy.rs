//! How long the saga waits, and how often it tries again.

use std::time::Duration;

use ordertrace_domain::{Attempt, Patience, Version};

/// The terms of fulfilment. What an order was promised is written into its events; a changed policy is for what comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long an order may stay unpaid.
    pub payment_deadline: Duration,
    /// How long a delivery may take, all attempts together.
    pub delivery_deadline: Duration,
    /// After how many failed attempts a delivery has failed for good.
    pub delivery_attempts_max: Attempt,
    /// How long after a failed attempt the goods go out again by themselves.
    pub delivery_retry_delay: Duration,
    /// How long to wait at first before a provider that was not asked, or would not make an intent, is asked again.
    pub provider_wait: Duration,
    /// Up to how long that wait grows: a provider that is back is noticed within this time.
    pub provider_wait_max: Duration,
    /// How long to wait before the provider is asked again how a payment ended; doubled each time.
    pub payment_check_delay: Duration,
    /// How often the provider is asked before the order is listed as stuck; one that is being cancelled goes on asking.
    pub payment_checks_max: Attempt,
    /// How long to wait before a refund is tried again; doubled each time.
    pub refund_retry_delay: Duration,
    /// How often a refund is tried before the order is listed as stuck; it goes on being tried.
    pub refund_attempts_max: Attempt,
    /// How long nothing may happen to an order that waits for no person before it is listed as stuck.
    pub idle_max: Duration,
}

/// Doubled delays grow no longer than this, so that an order is never more than ten minutes behind its provider.
const DELAY_MAX: Duration = Duration::from_mins(10);

/// By then a delay of a millisecond has become a minute, and every longer one has come to its bound.
const DOUBLINGS_MAX: u32 = 16;

/// How many different waits the jitter makes of one.
const JITTER_STEPS: u32 = 1_000;

/// Up to this version an order that is being undone tries on, however often it has failed: at two events every ten minutes
/// that is well over two days. The versions from here to the last are left for an operator to end it by.
const TRIED_ON_BELOW: Version = Version::new(800);
const _: () = assert!(TRIED_ON_BELOW.get() < Version::MAX.get());

impl Default for Policy {
    fn default() -> Self {
        Self {
            payment_deadline: Duration::from_hours(24),
            delivery_deadline: Duration::from_hours(24 * 7),
            delivery_attempts_max: Attempt::new(3),
            delivery_retry_delay: Duration::from_hours(4),
            provider_wait: Duration::from_secs(2),
            provider_wait_max: Duration::from_secs(15),
            payment_check_delay: Duration::from_secs(2),
            payment_checks_max: Attempt::new(20),
            refund_retry_delay: Duration::from_secs(5),
            refund_attempts_max: Attempt::new(10),
            idle_max: Duration::from_mins(15),
        }
    }
}

impl Policy {
    /// When an order counts as stuck under these terms.
    pub fn patience(&self) -> Patience {
        Patience {
            payment_checks_max: self.payment_checks_max,
            refund_attempts_max: self.refund_attempts_max,
            payment_deadline: self.payment_deadline,
            delivery_deadline: self.delivery_deadline,
            idle_max: self.idle_max,
        }
    }

    /// How long to wait before a provider that nothing was heard of is asked again. An order that has waited long waits
    /// longer; `jitter`, any number, spreads the orders that began to wait together over a quarter of the time.
    pub(crate) fn provider_wait(&self, waited: Duration, jitter: u64) -> Duration {
        let wait = (waited / 2).clamp(
            self.provider_wait,
            self.provider_wait_max.max(self.provider_wait),
        );
        let spread = u32::try_from(jitter % u64::from(JITTER_STEPS)).unwrap_or_default();
        wait - wait / (4 * JITTER_STEPS) * spread
    }

    /// How long to wait after the outcome of a payment was unknown for the `check`th time.
    pub(crate) fn payment_check_wait(&self, check: Attempt) -> Duration {
        doubled(self.payment_check_delay, check)
    }

    /// How long to wait before a refund that has been on its way for so long is looked at again.
    pub(crate) fn refund_look_wait(&self, waited: Duration) -> Duration {
        (waited / 2).clamp(
            self.refund_retry_delay,
            DELAY_MAX.max(self.refund_retry_delay),
        )
    }

    /// How long to wait after the `refund`th attempt at a refund failed.
    pub(crate) fn refund_retry_wait(&self, refund: Attempt) -> Duration {
        doubled(self.refund_retry_delay, refund)
    }
}

/// Whether the saga tries on by itself though it has tried as often as the policy says: nobody asks for a cancellation
/// twice, nor for his money.
pub(crate) fn is_tried_on(version: Version) -> bool {
    version < TRIED_ON_BELOW
}

fn doubled(delay: Duration, attempt: Attempt) -> Duration {
    let doublings = u32::from(attempt.get() - 1).min(DOUBLINGS_MAX);
    delay.saturating_mul(1 << doublings).min(DELAY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let policy = Policy::default();
        let secs = |check| policy.payment_check_wait(Attempt::new(check)).as_secs();
        assert_eq!([1, 2, 3, 4].map(secs), [2, 4, 8, 16]);
        assert_eq!([20, u16::MAX].map(secs), [600, 600]);
    }

    #[test]
    fn the_wait_for_a_provider_grows_with_what_was_waited_and_is_spread() {
        let policy = Policy::default();
        let millis = |waited, jitter| {
            let waited = Duration::from_secs(waited);
            policy.provider_wait(waited, jitter).as_millis()
        };
        assert_eq!(
            [0, 10, 30, 3_600].map(|waited| millis(waited, 0)),
            [2_000, 5_000, 15_000, 15_000]
        );
        assert_eq!(millis(30, 500), 13_125);
        assert!(
            (11_250..11_260).contains(&millis(30, 999)),
            "{}",
            millis(30, 999)
        );
    }
}
