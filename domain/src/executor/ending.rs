//! How commands end, as words to count them by.
//!
//! Invariant: a word for every way to end, and each stays what it is: dashboards and alerts know them.

use super::{ExecuteError, Outcome, Refusal};
use crate::LogError;

/// What became of a command, in a word.
pub const fn ending(result: &Result<Result<Outcome, Refusal>, ExecuteError>) -> &'static str {
    match result {
        Ok(Ok(Outcome {
            is_repeat: true, ..
        })) => "repeated",
        Ok(Ok(_)) => "done",
        Ok(Err(Refusal::Rejected(_))) => "rejected",
        Ok(Err(Refusal::VersionMismatch { .. })) => "version_mismatch",
        Ok(Err(Refusal::CommandReused)) => "key_reused",
        Err(ExecuteError::Log(LogError::Unavailable(_))) => "unavailable",
        Err(ExecuteError::Log(LogError::Broken(_))) => "broken",
        Err(ExecuteError::Log(LogError::Recreated)) => "recreated",
        Err(ExecuteError::NotStored(_)) => "not_stored",
        Err(ExecuteError::OutcomeUnknown(_)) => "unknown",
        Err(ExecuteError::Contended) => "contended",
        Err(ExecuteError::OrderFull) => "order_full",
    }
}
