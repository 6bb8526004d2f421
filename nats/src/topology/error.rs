//! Why the topology is not as declared.

use super::Difference;
use crate::api::ApiError;
use crate::subject::{DLQ_STREAM, EVENTS_STREAM, TIMERS_STREAM};

/// Why a process can't work on what is there.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// What is there differs from what is declared. Nothing was changed: an operator decides which of the two is right.
    #[error("what is on the NATS server is not what this program needs; nothing was changed{}", listed(.0))]
    Drift(Vec<Difference>),
    /// The log is gone, though the streams that belong to it are there: it was deleted or lost. A new one in its place
    /// would look as if there had never been an order.
    #[error(
        "the event stream {EVENTS_STREAM} is gone, though {TIMERS_STREAM} is there: it was deleted or lost. Restore it; or, \
         to begin anew with no orders, delete {TIMERS_STREAM} and {DLQ_STREAM} as well"
    )]
    LogLost,
    /// Something is not there, and this role does not make it: start the role that does first, or let an operator do it.
    #[error("missing on the NATS server{}", listed(.0))]
    Missing(Vec<String>),
    /// Something is not there, and the server lets this user make nothing: an operator makes it, once.
    #[error(
        "missing on the NATS server, and this role's user may not make it{}\nlet an operator run `ordertrace ops provision` once",
        listed(.0)
    )]
    NotProvisioned(Vec<String>),
    /// The server does not let this user look: it is another role's user, or its permissions are of another version.
    #[error(
        "the NATS server refuses this user {subject}: is it the user of this role, and are its permissions those of this \
         version (`ordertrace ops nats-config`)?"
    )]
    Denied {
        /// The subject that was refused.
        subject: String,
    },
    /// The server refused to make or to show something: its account, its limits, or the number of its nodes.
    #[error("{action} {object} failed")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// On what: `stream ORDERTRACE_EVENTS`.
        object: String,
        /// What the server said, or that it said nothing in all the time there was.
        source: ApiError,
    },
    /// The server's answer can't be read.
    #[error("the server's answer on {object} can't be read")]
    Unreadable {
        /// On what.
        object: String,
    },
}

fn listed<T: ToString>(lines: &[T]) -> String {
    lines
        .iter()
        .map(|line| format!("\n  {}", line.to_string()))
        .collect()
}
