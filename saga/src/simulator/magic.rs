//! Amounts that make the simulator misbehave, and what they do at which step.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Amounts, in minor units, that make the simulator misbehave. All others are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MagicAmount {
    /// 40200: the confirmation is declined.
    Declined,
    /// 40400: there is no such payment method, so no intent is made.
    UnknownMethod,
    /// 40800: the first confirmation is carried out at once, and answered late.
    Slow,
    /// 42900: the first wish for the intent, its confirmation and its refund are each put off, with `Retry-After`.
    RateLimited,
    /// 50000: the first wish for the intent fails before it began; the first confirmation and the first refund are
    /// carried out, but answered by a 500.
    Error,
    /// 50300: the first wish for the intent, its confirmation and its refund each get lost, and do nothing.
    LostRequest,
    /// 50400: the first confirmation and the first refund are carried out, but their answers get lost.
    LostAnswer,
}

impl MagicAmount {
    /// What an amount means.
    pub const fn of(minor: i64) -> Option<Self> {
        match minor {
            40_200 => Some(Self::Declined),
            40_400 => Some(Self::UnknownMethod),
            40_800 => Some(Self::Slow),
            42_900 => Some(Self::RateLimited),
            50_000 => Some(Self::Error),
            50_300 => Some(Self::LostRequest),
            50_400 => Some(Self::LostAnswer),
            _ => None,
        }
    }
}

/// How long a slow answer takes unless told otherwise: half as long again as the 8 seconds an adapter waits for it.
pub(super) const SLOW_ANSWER: Duration = Duration::from_secs(12);

/// How long a rate-limited caller is told to wait, in whole seconds, as the header wants them.
pub(super) const RETRY_AFTER_SECS: u64 = 1;

/// The steps at which something may go wrong, each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Create,
    Confirm,
    Refund,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No answer; the connection ends.
    Lost,
    /// A 500.
    Error,
    /// A 429.
    RateLimited,
    /// The answer takes its time.
    Late,
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Not at all.
    Smooth,
    /// Before anything is done.
    Before(Trouble),
    /// After it is done.
    After(Trouble),
}

/// What an amount asks for at a step, the first time.
pub(super) const fn course(amount: i64, step: Step) -> Course {
    match (MagicAmount::of(amount), step) {
        (Some(MagicAmount::LostRequest), _) => Course::Before(Trouble::Lost),
        (Some(MagicAmount::RateLimited), _) => Course::Before(Trouble::RateLimited),
        // A stored 500 is what every repeat of the wish would be answered by: its intent could never be found.
        (Some(MagicAmount::Error), Step::Create) => Course::Before(Trouble::Error),
        (Some(MagicAmount::Error), Step::Confirm | Step::Refund) => Course::After(Trouble::Error),
        (Some(MagicAmount::LostAnswer), Step::Confirm | Step::Refund) => {
            Course::After(Trouble::Lost)
        }
        (Some(MagicAmount::Slow), Step::Confirm) => Course::After(Trouble::Late),
        (Some(MagicAmount::LostAnswer), Step::Create)
        | (Some(MagicAmount::Slow), Step::Create | Step::Refund)
        | (Some(MagicAmount::Declined | MagicAmount::UnknownMethod) | None, _) => Course::Smooth,
    }
}
