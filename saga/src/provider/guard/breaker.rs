//! The circuit breaker: a provider that has stopped answering is left alone for a while, then tried by a few calls.
//!
//! The library counts and decides; here is what it decided, for operators and for those who are turned away. It opens
//! after failures in a row, not by their rate: its window of the last n calls never slides, so that a long run of answers
//! would keep it closed through an outage as long; and its window in time forgets a trial's answer when the next
//! trial comes late, and then lets nobody through any more.

use std::{
    convert::identity,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use ordertrace_domain::Reason;
use serde::Serialize;
use tower::{Layer, ServiceExt, service_fn};
use tower_resilience_circuitbreaker::{
    CircuitBreakerError, CircuitBreakerLayer, CircuitState, FailureClassifier,
};
use utoipa::ToSchema;

use super::{
    super::NoAnswer,
    config::{GuardConfig, InvalidGuard},
    meter,
};

/// Whether calls go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// All do.
    Closed,
    /// A few do, to see whether the provider is back.
    HalfOpen,
    /// None does. Once it has been so for its time, the next call is the first trial.
    Open,
}

/// What the breaker has come to.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) state: BreakerState,
    pub(super) since: Instant,
    pub(super) opened_total: u64,
    pub(super) last_failure: Option<Reason>,
}

/// Tells failures from answers: whoever answers is up, even if the answer is nothing to go by.
#[derive(Debug, Clone, Copy)]
struct NoAnswerFails;

impl<T> FailureClassifier<T, NoAnswer> for NoAnswerFails {
    fn classify(&self, answer: &Result<T, NoAnswer>) -> bool {
        match answer {
            Ok(_) | Err(NoAnswer::Unclear(_)) => false,
            Err(NoAnswer::NotAsked { .. } | NoAnswer::Unknown(_)) => true,
        }
    }
}

pub(super) struct Breaker {
    layer: CircuitBreakerLayer<NoAnswerFails>,
    standing: Arc<Mutex<Standing>>,
    open_for: Duration,
}

impl From<CircuitState> for BreakerState {
    fn from(state: CircuitState) -> Self {
        match state {
            CircuitState::Closed => Self::Closed,
            CircuitState::HalfOpen => Self::HalfOpen,
            CircuitState::Open => Self::Open,
        }
    }
}

impl Breaker {
    pub(super) fn new(config: &GuardConfig) -> Result<Self, InvalidGuard> {
        let standing = Arc::new(Mutex::new(Standing {
            state: BreakerState::Closed,
            since: Instant::now(),
            opened_total: 0,
            last_failure: None,
        }));
        let told = Arc::clone(&standing);
        // With a handle all services of the layer share one circuit; without one, each would have its own.
        let built = CircuitBreakerLayer::builder()
            .name("payment provider")
            .consecutive_failures(config.failures_in_a_row)
            .wait_duration_in_open(config.open_for)
            .permitted_calls_in_half_open(config.trials)
            .failure_classifier_type(NoAnswerFails)
            .on_state_transition(move |_, to| turn(&mut lock(&told), to.into()))
            .build_with_handle();
        let (layer, _) = built?;
        meter::state(BreakerState::Closed);
        Ok(Self {
            layer,
            standing,
            open_for: config.open_for,
        })
    }

    pub(super) fn standing(&self) -> Standing {
        lock(&self.standing).clone()
    }

    /// Makes the call, unless the provider is left alone: then the call is dropped without having begun.
    ///
    /// Whatever has no answer counts as a failure, whatever has one does not, a refusal or an unclear one included.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        asking: BoxFuture<'static, Result<T, NoAnswer>>,
    ) -> Result<T, NoAnswer> {
        let service = self
            .layer
            .layer(service_fn(identity::<BoxFuture<'static, _>>));
        // Boxed, so that the compiler sees what it borrows: nothing.
        let call: BoxFuture<'static, _> = Box::pin(service.oneshot(asking));
        match call.await {
            Ok(answer) => Ok(answer),
            Err(CircuitBreakerError::Inner(no_answer)) => {
                if let Some(reason) = failure_of(&no_answer) {
                    lock(&self.standing).last_failure = Some(reason.clone());
                }
                Err(no_answer)
            }
            Err(CircuitBreakerError::OpenCircuit) => Err(self.turned_away()),
        }
    }

    fn turned_away(&self) -> NoAnswer {
        let standing = self.standing();
        let (words, retry_after) = match standing.state {
            BreakerState::Open => {
                let rest = self.open_for.saturating_sub(standing.since.elapsed());
                (
                    "the circuit breaker of the payment provider is open",
                    Some(rest),
                )
            }
            // The trials are under way; that it has closed since is possible too.
            BreakerState::HalfOpen | BreakerState::Closed => {
                ("the payment provider is being tried by other calls", None)
            }
        };
        NoAnswer::NotAsked {
            reason: Reason::lossy(words),
            retry_after,
        }
    }
}

/// Why nobody answered, if nobody did.
const fn failure_of(no_answer: &NoAnswer) -> Option<&Reason> {
    match no_answer {
        NoAnswer::NotAsked { reason, .. } | NoAnswer::Unknown(reason) => Some(reason),
        NoAnswer::Unclear(_) => None,
    }
}

fn lock(standing: &Mutex<Standing>) -> MutexGuard<'_, Standing> {
    // A panic elsewhere leaves it whole: each change is a few assignments.
    standing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the breaker has turned, and tells it once.
fn turn(standing: &mut Standing, to: BreakerState) {
    let lasted_ms = standing.since.elapsed().as_millis();
    standing.state = to;
    standing.since = Instant::now();
    meter::state(to);
    match to {
        BreakerState::Open => {
            standing.opened_total += 1;
            tracing::warn!(
                breaker.opened_total = standing.opened_total,
                "the payment provider does not answer and is left alone; card payments wait"
            );
        }
        BreakerState::HalfOpen => {
            tracing::info!(
                breaker.open_ms = lasted_ms,
                "the payment provider is being tried again"
            );
        }
        BreakerState::Closed => {
            tracing::info!("the payment provider answers again");
        }
    }
}
