//! Why there is no connection.

use std::path::PathBuf;
use std::time::Duration;

use crate::managed::ServerVersion;

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A role or an instance has a name that can't stand in a subject: a mistake in the configuration.
    #[error("{name:?} is no name for a role or an instance: lowercase letters, digits and hyphens")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// No address was given.
    #[error("no address of a NATS server was given; an address looks like nats://127.0.0.1:4222")]
    NoServer,
    /// An address can't be read. It is not shown, for it may carry a password.
    #[error(
        "address {number} of the NATS servers can't be read; an address looks like nats://127.0.0.1:4222"
    )]
    InvalidUrl {
        /// Which of the addresses: 1, 2, 3 …
        number: usize,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// A file of the credentials or of TLS can't be read: correct its path, or who may read it.
    #[error("could not read {}", path.display())]
    UnreadableFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Such a file has something else in it, which is not shown, for it may be secret.
    #[error("{} is not {expected}", path.display())]
    BadFile {
        /// Which.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// The client did not accept the options: a mistake in the configuration.
    #[error("the options of the connection to NATS are not valid")]
    Options(#[source] async_nats::ConnectError),
    /// No server let this process in within the start budget: start one, or correct the address or the credentials.
    #[error(
        "no NATS server at {servers} let this process in within {} s{}; is one running there, \
         and are the address and the credentials right?",
        budget.as_secs(), told(.complaint)
    )]
    Unreachable {
        /// Host and port of each.
        servers: String,
        /// How long it was tried.
        budget: Duration,
        /// What the client last complained of.
        complaint: Option<String>,
    },
    /// The server lacks what the log is built on: upgrade it.
    #[error(
        "NATS server {server:?} has version {found:?}; {oldest} or newer is needed",
        oldest = ServerVersion::OLDEST_USABLE
    )]
    TooOld {
        /// The server's name.
        server: String,
        /// The version it gave.
        found: String,
    },
}

fn told(complaint: &Option<String>) -> String {
    complaint
        .as_ref()
        .map(|complaint| format!(" ({complaint})"))
        .unwrap_or_default()
}
