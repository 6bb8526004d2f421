//! What an operator is told when the log does not answer. It is logged here, and nowhere else.

use std::error::Error;

use ordertrace_domain::LogError;
use ordertrace_http::{Problem, ProblemKind};

/// Something could not be read. Nothing was changed.
pub(super) fn not_read(error: &LogError) -> Problem {
    log(error);
    let problem = Problem::from(error);
    match error {
        LogError::Broken(broken) => {
            let letter = format!("/ops/dlq/saga.{}", broken.sequence());
            problem.with_detail(format!(
                "the history of this order is damaged; what the saga could not handle is parked: see {letter}"
            ))
        }
        LogError::Unavailable(_) | LogError::Recreated => problem,
    }
}

/// Something was to be written, and the log did not confirm it. It may have been written all the same; all that is
/// written here may be written twice.
pub(super) fn not_confirmed(error: &LogError, detail: impl Into<String>) -> Problem {
    log(error);
    Problem::new(ProblemKind::OutcomeUnknown, detail)
}

/// An outage is told once, by the connection, not by every request that is refused meanwhile.
fn log(error: &LogError) {
    let cause = error.source().map(tracing::field::display);
    match error {
        LogError::Unavailable(_) => {
            tracing::debug!(%error, cause, "an operator's request was refused");
        }
        LogError::Broken(_) | LogError::Recreated => {
            tracing::error!(%error, cause, "an operator's request failed");
        }
    }
}
