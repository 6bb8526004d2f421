//! Whether what a server acknowledges survives a power cut.
//!
//! The servers' own account decides, not a configuration file of ours: each server that holds the event stream must say
//! that it writes before it acknowledges (`sync_interval: always`, shown as `sync_always`). It is read from the servers'
//! monitoring (`/varz`), or, where no monitoring address is known, asked for over NATS.
//!
//! Invariant: what could not be read does not count as durable. It changes nothing on a server.

mod account;
mod verdict;

use std::time::Duration;

use crate::Connection;
use crate::facts::StreamFacts;
pub(crate) use account::{ASK_ALL, answers, bodies};
use account::{Unread, over_http, over_nats};
use verdict::judge;

/// A cluster that elects a leader answers within as much.
const STREAM_BUDGET: Duration = Duration::from_secs(15);

/// The flag that lets a process start although acknowledged orders may be lost.
pub const ALLOW_FLAG: &str = "--allow-losing-acknowledged-orders";

/// What the servers say of their own writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Durability {
    /// Every server that holds the log writes before it acknowledges.
    Always,
    /// At least one acknowledges first.
    Weaker {
        /// Which, and what it says.
        found: String,
    },
    /// It could not be found out.
    Unreadable {
        /// What went wrong.
        why: String,
    },
}

impl Durability {
    /// Asks the servers that hold the event stream, which must exist. `monitoring` has the monitoring addresses of all
    /// of them, such as `http://127.0.0.1:8222`.
    pub async fn read(connection: &Connection, monitoring: &[String]) -> Self {
        match Self::try_read(connection, monitoring).await {
            Ok(verdict) => verdict,
            Err(unread) => Self::Unreadable {
                why: unread.to_string(),
            },
        }
    }

    async fn try_read(connection: &Connection, monitoring: &[String]) -> Result<Self, Unread> {
        let facts = StreamFacts::ask_within(STREAM_BUDGET, connection.jetstream())
            .await
            .map_err(Unread::Stream)?;
        let holders = match facts.holders.as_slice() {
            [] => vec![connection.client().server_info().server_name],
            holders => holders.to_vec(),
        };
        let accounts = if monitoring.is_empty() {
            over_nats(connection.client(), holders.len()).await?
        } else {
            over_http(monitoring).await?
        };
        Ok(judge(&holders, facts.persists_later, &accounts))
    }
}

/// Orders that were acknowledged may be lost. The text is for whoever starts the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDurable {
    /// A server acknowledges before it writes: set `sync_interval: always` in its `jetstream` block.
    #[error(
        "orders that were acknowledged can be lost in a power cut: {found}; set `sync_interval: always` in the \
         `jetstream` block of every NATS server, or start with {ALLOW_FLAG} to accept that loss"
    )]
    Weaker {
        /// Which server, and what it says.
        found: String,
    },
    /// Nobody could say: give the monitoring addresses of all servers.
    #[error(
        "it could not be found out whether orders that were acknowledged survive a power cut: {why}; give the monitoring \
         address of every NATS server (--nats-monitor-url), or start with {ALLOW_FLAG} to accept that they may be lost"
    )]
    Unreadable {
        /// What went wrong.
        why: String,
    },
}

/// Refuses whatever is weaker than always, or unknown, unless that is allowed; allowed, it is logged as a warning.
///
/// # Errors
/// [`NotDurable`] names the risk and the flag that accepts it.
pub fn ensure_durable(durability: Durability, allow_weaker: bool) -> Result<(), NotDurable> {
    let refusal = match durability {
        Durability::Always => return Ok(()),
        Durability::Weaker { found } => NotDurable::Weaker { found },
        Durability::Unreadable { why } => NotDurable::Unreadable { why },
    };
    if allow_weaker {
        tracing::warn!(risk = %refusal, "started although acknowledged orders may be lost");
        Ok(())
    } else {
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_always_is_refused_with_the_flag_that_allows_it() {
        let found = "n1 writes every 2 minutes".to_owned();
        let why = "nobody answered".to_owned();
        for (durability, cause) in [
            (
                Durability::Weaker {
                    found: found.clone(),
                },
                &found,
            ),
            (Durability::Unreadable { why: why.clone() }, &why),
        ] {
            let refusal = ensure_durable(durability.clone(), false).unwrap_err();
            let text = refusal.to_string();
            assert!(
                text.contains(cause) && text.contains(ALLOW_FLAG) && text.contains("lost"),
                "{text}"
            );
            assert_eq!(ensure_durable(durability, true), Ok(()));
        }
        assert_eq!(ensure_durable(Durability::Always, false), Ok(()));
    }
}
