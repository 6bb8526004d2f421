//! Why a piece of work is not done yet, and whether trying again will mend it.
//!
//! Invariant: what a newer program wrote is never hopeless. An operator can do nothing about it, a newer process can.

use ordertrace_domain::{
    BrokenHistory, Cause, DecodeError, LogError, Refusal, Sequence, UnreadableEvent,
};

/// Why a try did not come to an end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The log or the queue was out of reach: try again.
    #[error("the saga could not do what is due")]
    Unavailable(#[source] Cause),
    /// The order moved on while a timer's step was under way, and nothing else may wake the saga for it: look again.
    #[error("the order moved on: {0}")]
    MovedOn(Refusal),
    /// A timer's step was refused. Look again, for the order may have moved on; if it has not, the step never succeeds.
    #[error("a step was refused: {0:?}")]
    Refused(Finding),
    /// Only an operator can help: the message is parked.
    #[error("an operator has to look at {0:?}")]
    Hopeless(Finding),
    /// A newer program wrote it: a newer process has to do the work.
    #[error("this process is too old for {0:?}")]
    TooOld(Finding),
}

/// A message, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Finding {
    /// Where it stands.
    pub(super) sequence: Sequence,
    /// What is wrong.
    pub(super) reason: String,
}

/// What no further try by this process will mend.
pub(super) enum Lasting {
    /// See [`Failure::Hopeless`].
    Hopeless(Finding),
    /// See [`Failure::TooOld`].
    TooOld(Finding),
}

impl Lasting {
    /// What follows from a message that can't be read.
    pub(super) fn of(unreadable: &UnreadableEvent) -> Self {
        let finding = Finding {
            sequence: unreadable.sequence,
            reason: unreadable.error.to_string(),
        };
        Self::judged(finding, &unreadable.error)
    }

    fn judged(finding: Finding, error: &DecodeError) -> Self {
        match error {
            DecodeError::UnknownType(_) | DecodeError::FutureSchema { .. } => Self::TooOld(finding),
            DecodeError::TooLong(_)
            | DecodeError::Malformed(_)
            | DecodeError::Upcast { .. }
            | DecodeError::Mismatch(_) => Self::Hopeless(finding),
        }
    }
}

impl From<Lasting> for Failure {
    fn from(lasting: Lasting) -> Self {
        match lasting {
            Lasting::Hopeless(finding) => Self::Hopeless(finding),
            Lasting::TooOld(finding) => Self::TooOld(finding),
        }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Broken(broken) => broken_history(&broken).into(),
            LogError::Unavailable(_) | LogError::Recreated => Self::Unavailable(error.into()),
        }
    }
}

fn broken_history(broken: &BrokenHistory) -> Lasting {
    let finding = Finding {
        sequence: broken.sequence(),
        reason: broken.to_string(),
    };
    if let BrokenHistory::Unreadable { error, .. } = broken {
        return Lasting::judged(finding, error);
    }
    Lasting::Hopeless(finding)
}

/// An error with all its causes, for the log.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
