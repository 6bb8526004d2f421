//! What the log tells the metrics: how appends end, how long they take, and how many go out together.

use std::time::Duration;

use metrics::{counter, histogram};
use ordertrace_domain::{AppendError, Sequence};
use tokio::time::Instant;
use tracing::Span;

use super::answer::Answer;

const APPENDS: &str = "ordertrace_appends_total";
const APPEND_SECONDS: &str = "ordertrace_append_seconds";
const TRIES: &str = "ordertrace_append_tries_total";
const BATCH_DECISIONS: &str = "ordertrace_append_batch_decisions";

/// The target of spans that are exported and never logged; where nothing exports them they cost nothing.
const EXPORTED_ONLY: &str = "ordertrace::trace";

/// Watches one append, from when it is asked for to its end.
pub(super) struct Watch {
    began: Instant,
    /// What the exporter sees of it.
    pub(super) span: Span,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self {
            began: Instant::now(),
            span: tracing::trace_span!(
                target: EXPORTED_ONLY,
                "append",
                otel.kind = "producer",
                messaging.system = "nats",
                log.sequence = tracing::field::Empty,
            ),
        }
    }

    pub(super) fn end(self, result: &Result<Sequence, AppendError>) {
        let took: Duration = self.began.elapsed();
        let outcome = match result {
            Ok(last) => {
                self.span.record("log.sequence", last.get());
                "stored"
            }
            Err(AppendError::Conflict) => "conflict",
            Err(AppendError::NotStored(_)) => "not_stored",
            Err(AppendError::OutcomeUnknown(_)) => "unknown",
            Err(AppendError::Recreated) => "recreated",
        };
        counter!(APPENDS, "outcome" => outcome).increment(1);
        histogram!(APPEND_SECONDS, "outcome" => outcome).record(took);
    }
}

/// One try, of so many decisions.
#[expect(
    clippy::cast_precision_loss,
    reason = "a batch has hundreds of decisions at most"
)]
pub(super) fn tried(decisions: usize, answer: &Answer) {
    let word = match answer {
        Answer::Stored(_) => "stored",
        Answer::ReadBack => "read_back",
        Answer::NotNow(..) => "not_now",
        Answer::InDoubt(_) => "in_doubt",
        Answer::Refused(_) => "refused",
    };
    counter!(TRIES, "answer" => word).increment(1);
    histogram!(BATCH_DECISIONS).record(decisions as f64);
}
