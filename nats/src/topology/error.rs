//! Why the topology is not as declared.

use super::Difference;
use crate::api::ApiError;

/// Why a process can't work on what is there.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// What is there differs from what is declared. Nothing was changed: an operator decides which of the two is right.
    #[error("what is on the NATS server is not what this program needs; nothing was changed{}", listed(.0))]
    Drift(Vec<Difference>),
    /// Something is not there, and this role does not make it: start the role that does first, or let an operator do it.
    #[error("missing on the NATS server{}", listed(.0))]
    Missing(Vec<String>),
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
