//! What the guard tells the metrics: how the breaker stands, how calls end, how long they take.

use std::time::Instant;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::{super::NoAnswer, breaker::BreakerState};

const BREAKER_STATE: &str = "ordertrace_payment_provider_breaker_state";
const CALLS: &str = "ordertrace_payment_provider_calls_total";
const CALL_SECONDS: &str = "ordertrace_payment_provider_call_seconds";
const CALLS_IN_FLIGHT: &str = "ordertrace_payment_provider_calls_in_flight";
const BULKHEAD_REJECTIONS: &str = "ordertrace_payment_provider_bulkhead_rejections_total";

/// What the provider is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    Create,
    Confirm,
    LookUp,
    Cancel,
    Refund,
}

impl Call {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Confirm => "confirm",
            Self::LookUp => "look_up",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
        }
    }
}

/// Says what each of them means.
pub(super) fn describe() {
    describe_gauge!(
        BREAKER_STATE,
        "The payment provider's circuit breaker: 0 closed, 1 half-open, 2 open"
    );
    describe_counter!(
        CALLS,
        "Calls to the payment provider by kind and outcome, those the guard turned away included"
    );
    describe_histogram!(
        CALL_SECONDS,
        Unit::Seconds,
        "How long calls that reached the payment provider took"
    );
    describe_gauge!(
        CALLS_IN_FLIGHT,
        "Calls to the payment provider that are under way"
    );
    describe_counter!(
        BULKHEAD_REJECTIONS,
        "Calls turned away because too many others were under way"
    );
}

pub(super) fn state(state: BreakerState) {
    let number = match state {
        BreakerState::Closed => 0,
        BreakerState::HalfOpen => 1,
        BreakerState::Open => 2,
    };
    gauge!(BREAKER_STATE).set(number);
}

pub(super) fn ended<T>(call: Call, answer: &Result<T, NoAnswer>) {
    let outcome = match answer {
        Ok(_) => "answered",
        Err(NoAnswer::NotAsked { .. }) => "not_asked",
        Err(NoAnswer::Unclear(_)) => "unclear",
        Err(NoAnswer::Unknown(_)) => "unknown",
    };
    counter!(CALLS, "call" => call.word(), "outcome" => outcome).increment(1);
}

pub(super) fn turned_away() {
    counter!(BULKHEAD_REJECTIONS).increment(1);
}

/// Watches one call while it is under way, whether it ends or is dropped.
pub(super) struct Watch {
    call: Call,
    start: Instant,
}

impl Watch {
    pub(super) fn start(call: Call) -> Self {
        gauge!(CALLS_IN_FLIGHT).increment(1);
        Self {
            call,
            start: Instant::now(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        gauge!(CALLS_IN_FLIGHT).decrement(1);
        histogram!(CALL_SECONDS, "call" => self.call.word()).record(self.start.elapsed());
    }
}
