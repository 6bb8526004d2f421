//! What wakes the saga, and what it wants done.
//!
//! Invariant: plain data. `react` makes effects of wakes, the runner carries them out; nothing here does either.

use std::time::Duration;

use ordertrace_domain::{Attempt, Command, Event, ProviderRef, TimerName, Timestamp, Version};

use crate::provider::{Charge, RefundOrder};

/// What woke the saga. The times are the log's own.
#[derive(Debug, Clone, Copy)]
pub enum Wake<'a> {
    /// An event of the order.
    Event {
        /// The event.
        event: &'a Event,
        /// Its version.
        version: Version,
        /// When the log recorded it.
        recorded_at: Timestamp,
    },
    /// A timer of the order.
    Timer {
        /// Which.
        timer: TimerName,
        /// When the log recorded that it fired.
        recorded_at: Timestamp,
    },
    /// An operator wants a stuck order tried again.
    Resume {
        /// When the order came to be as it is: a deadline that is set anew counts from then, so that a resume postpones
        /// nothing.
        recorded_at: Timestamp,
    },
}

impl Wake<'_> {
    pub(crate) const fn recorded_at(&self) -> Timestamp {
        match self {
            Self::Event { recorded_at, .. }
            | Self::Timer { recorded_at, .. }
            | Self::Resume { recorded_at } => *recorded_at,
        }
    }

    pub(crate) fn is_timer(&self, name: TimerName) -> bool {
        matches!(self, Self::Timer { timer, .. } if *timer == name)
    }

    /// Whether it asks for the next try at what this timer is set for: the timer itself, or an operator.
    pub(crate) fn is_retry(&self, name: TimerName) -> bool {
        matches!(self, Self::Resume { .. }) || self.is_timer(name)
    }
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Give a command.
    Command(SagaCommand),
    /// Set a timer, in the place of one of the same name.
    Schedule {
        /// Which.
        timer: TimerName,
        /// When it is to fire.
        at: Timestamp,
    },
    /// Take a timer back.
    CancelTimer(TimerName),
    /// Ask the payment provider; its answer leads to further effects.
    CallProvider(ProviderCall),
}

/// A command of the saga. Step and attempt make its id, so that the same step is never done twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaCommand {
    /// What to do.
    pub command: Command,
    /// Which step of the fulfilment.
    pub step: &'static str,
    /// Which attempt at the step.
    pub attempt: Attempt,
}

/// A question to the payment provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderCall {
    /// Make an intent.
    Create(Charge),
    /// Confirm it.
    Confirm(ProviderRef),
    /// Look at it.
    LookUp(ProviderRef),
    /// Call it off.
    Cancel(ProviderRef),
    /// Give the money back.
    Refund(RefundOrder),
}

/// A step of the saga.
pub(crate) fn command(step: &'static str, attempt: Attempt, command: impl Into<Command>) -> Effect {
    Effect::Command(SagaCommand {
        command: command.into(),
        step,
        attempt,
    })
}

/// A step that an order takes once in its life.
pub(crate) fn once(step: &'static str, of: impl Into<Command>) -> Effect {
    command(step, Attempt::FIRST, of)
}

/// Sets a timer that long after the log recorded what woke the saga: the same time again for a redelivered wake.
pub(crate) fn schedule(timer: TimerName, wake: Wake<'_>, wait: Duration) -> Effect {
    Effect::Schedule {
        timer,
        at: wake.recorded_at().after(wait),
    }
}
