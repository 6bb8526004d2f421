//! The roles: what a process does. Each connects its parts, runs them, and stops them in order.

pub(crate) mod audit;
pub(crate) mod command_api;
pub(crate) mod dev;
pub(crate) mod keys;
pub(crate) mod page;
pub(crate) mod payment_simulator;
pub(crate) mod projections;
pub(crate) mod saga;
pub(crate) mod witness;

mod attach;
mod parts;
mod provider;
mod pulsed;

use std::{
    future::Future,
    io::{self, Write as _},
    net::SocketAddr,
};

use tokio_util::sync::CancellationToken;

use attach::attach;
pub(crate) use attach::{Attached, attach_to};
pub(crate) use parts::Parts;
#[cfg(test)]
pub(crate) use parts::STOP_MAX;

/// Waits for a part of the start, unless the process is told to stop meanwhile: then there is none.
pub(crate) async fn unless_stopped<T, E: Into<anyhow::Error>>(
    shutdown: &CancellationToken,
    start: impl Future<Output = Result<T, E>>,
) -> anyhow::Result<Option<T>> {
    tokio::select! {
        () = shutdown.cancelled() => Ok(None),
        started = start => started.map(Some).map_err(Into::into),
    }
}

/// Says on the standard output, for people and scripts alike, that a role runs and where.
fn announce(role: &str, addr: SocketAddr) {
    tracing::info!(role, http.addr = %addr, "runs");
    if let Err(error) = writeln!(io::stdout(), "ordertrace {role} runs on http://{addr}") {
        tracing::debug!(%error, "nobody reads the standard output");
    }
}
