//! Who decides about steps.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It passes, and so does its answer.
    Pass,
    /// It never reaches the server: the connection is cut.
    Cut,
    /// It passes; the gate is told of its answer, which the process never gets: the connection is cut.
    KeepAnswer,
    /// It passes, and this, a whole HTTP answer, is given in the place of its own. HTTP only.
    Replace(&'static str),
    /// It never reaches the server; this is answered in its stead. HTTP only.
    Refuse(&'static str),
}

/// Decides about the steps of a process.
#[async_trait]
pub(crate) trait Gate: Send + Sync + 'static {
    /// A connection begins; it is cut when this token is cancelled.
    fn admit(&self) -> CancellationToken {
        CancellationToken::new()
    }

    /// The process is about to take a step. It waits for the answer; whatever comes behind it on this connection does, too.
    async fn meet(&self, step: &str) -> Verdict;

    /// What the server tells the client, which a gate may tell otherwise at the same length. NATS only.
    fn retell(&self, _message: &mut [u8]) {}

    /// The server has answered a step whose answer is kept. The connection is cut when this returns.
    async fn answered(&self, _step: &str) {}
}

/// Lets everything pass.
pub(crate) struct OpenGate;

#[async_trait]
impl Gate for OpenGate {
    async fn meet(&self, _step: &str) -> Verdict {
        Verdict::Pass
    }
}
