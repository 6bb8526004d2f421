//! How long an answer waits for a log that says nothing.
//!
//! Invariant: nobody waits for ever for a NATS that is gone. What is in the log comes within a bound, and so does the word of
//! the log's leader that there is nothing more to come yet; only as long as that is had does an answer that follows the log
//! wait on. It deliberately makes nothing of a client that takes nothing: the listener cuts that one off.

use std::{pin::pin, time::Duration};

use ordertrace_domain::{Extent, LogError, Records};
use ordertrace_http::{Problem, ProblemKind};
use tokio::time::timeout;

use super::AuditRoutes;

/// After so long without a record the log's leader is asked whether it is there. A log that is read anew after an
/// interruption is silent for about four seconds.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// How long it is asked: a cluster elects a leader in five to seven seconds.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// So many silences in a row are waited out for what is in the log: a minute, for a server that is started again reads its
/// files meanwhile. What does not come then does not come at all, as when no consumer can be made.
const SILENCES_MAX: u32 = 12;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// What the log has.
    There,
    /// That, and what it does not have yet.
    ToCome,
}

/// Why nothing more is waited for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silent {
    /// The log's leader was asked, and gave no answer in time.
    #[error("the log does not answer")]
    NoAnswer,
    /// It could not be asked, or is another log's by now.
    #[error("the log can't be asked")]
    Unasked(#[from] LogError),
    /// It answers, and what it has does not come.
    #[error("the log answers, and what is in it does not come")]
    Stalled,
}

/// Waits for something to be read from the log, for as long as the log answers.
///
/// # Errors
/// See [`Silent`].
pub(super) async fn unless_silent<T>(
    records: &dyn Records,
    awaited: Awaited,
    read: impl Future<Output = T>,
) -> Result<T, Silent> {
    let mut read = pin!(read);
    let mut silences = 0;
    while awaited == Awaited::ToCome || silences < SILENCES_MAX {
        if let Ok(read) = timeout(SILENCE_MAX, &mut read).await {
            return Ok(read);
        }
        tokio::select! {
            biased;
            read = &mut read => return Ok(read),
            asked = answered(records.extent()) => drop(asked?),
        }
        silences += 1;
    }
    Err(Silent::Stalled)
}

/// What the log says, if it says it in time.
async fn answered<T>(asked: impl Future<Output = Result<T, LogError>>) -> Result<T, Silent> {
    let answer = timeout(ANSWER_MAX, asked).await;
    Ok(answer.map_err(|_| Silent::NoAnswer)??)
}

impl AuditRoutes {
    /// Where the log ends, by the word of its leader: without that no answer begins.
    pub(super) async fn extent(&self) -> Result<Extent, Problem> {
        self.told(self.records.extent()).await
    }

    /// What the log says before an answer begins.
    pub(super) async fn told<T>(
        &self,
        asked: impl Future<Output = Result<T, LogError>>,
    ) -> Result<T, Problem> {
        answered(asked).await.map_err(|silent| not_read(&silent))
    }
}

/// The answer to somebody who asks for what can't be read now.
pub(super) fn not_read(why: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::warn!(error = why, "the log can't be read");
    let detail = "the event log can't be reached; nothing was changed";
    Problem::new(ProblemKind::LogUnavailable, detail)
}
