//! The bounds of the guard around a payment provider, and their reasons.

use std::time::Duration;

use tower_resilience_circuitbreaker::CircuitBreakerConfigError;

/// How much a payment provider may take up, and when it is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardConfig {
    /// How many calls may be under way at once.
    pub calls_at_once_max: usize,
    /// How long a call waits for its place among them.
    pub permit_wait: Duration,
    /// How long one call may take, all its requests together.
    pub call_max: Duration,
    /// After how many calls in a row without an answer the provider is left alone.
    pub failures_in_a_row: usize,
    /// How long it is left alone before it is tried again.
    pub open_for: Duration,
    /// How many calls try it then; all of them have to be answered before the others go on.
    pub trials: usize,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            // Half of the orders that one shard works on at a time: even if the calls are all of one shard, half of its
            // places are left for deliveries and for cash.
            calls_at_once_max: 32,
            // Long enough for a burst to pass by a healthy provider, which answers within this time; short enough that
            // the places of a shard are not taken up by waiting.
            permit_wait: Duration::from_millis(100),
            // Two requests of 8 seconds, the adapter's own time-out; and less than the 18 seconds after which the runner
            // turns away, so that the breaker gets to know of it.
            call_max: Duration::from_secs(16),
            // One generation of hanging calls opens the breaker, a third of it is enough. A provider that fails every
            // fifth call by chance does not come to ten in a row, one that fails nine in ten soon does.
            failures_in_a_row: 10,
            // As long as a provider takes to get over a hiccup. The orders wait for it by timers, of 2 seconds and more.
            open_for: Duration::from_secs(5),
            // One answer may be luck, two in a row rarely are.
            trials: 2,
        }
    }
}

/// A guard that would let no call through, or all of them.
#[derive(Debug, thiserror::Error)]
pub enum InvalidGuard {
    /// A number of calls or failures is zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// The circuit breaker does not take its bounds.
    #[error("the circuit breaker can't be built")]
    Breaker(#[from] CircuitBreakerConfigError),
}

impl GuardConfig {
    /// What the circuit breaker does not check by itself.
    pub(super) const fn check(&self) -> Result<(), InvalidGuard> {
        if self.calls_at_once_max == 0 {
            return Err(InvalidGuard::Zero("calls_at_once_max"));
        }
        if self.trials == 0 {
            return Err(InvalidGuard::Zero("trials"));
        }
        Ok(())
    }
}
