//! Keeps a server running until it is asked to stop, and gives up when it dies too often.
//!
//! Invariant: at most one server runs in the folder; the next is launched only when every process of the last is gone.
//! It deliberately restarts only servers that *died*: one that hangs is the clients' timeout to notice.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

use super::endpoint::Endpoint;
use super::error::ManagedError;
use super::launch::Process;
use super::node::{Address, Node};

/// The time over which deaths are counted.
const DEATHS_WINDOW: Duration = Duration::from_secs(60);

/// The wait before the first restart: what killed the server, a full table of processes say, may need a moment.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);

/// The longest wait: clients are out of service meanwhile.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// A server that died reads its store again; five million events took two seconds.
const RESTART_READY_MAX: Duration = Duration::from_secs(300);

/// What the owner of a server can know about it.
#[derive(Debug, Clone)]
pub(super) enum ServerState {
    Running { pid: u32 },
    Restarting,
    GivenUp(Arc<ManagedError>),
    Stopped,
}

/// One server and the watch over it.
#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) node: Node,
    pub(super) process: Process,
    pub(super) deaths: Deaths,
    pub(super) state: watch::Sender<ServerState>,
}

impl Supervisor {
    /// Runs until the server is given up or `stop` fires: with a message it is stopped, by a drop it is killed.
    pub(super) async fn run(mut self, stop: oneshot::Receiver<()>) {
        let (end, graceful) = tokio::select! {
            given_up = self.keep_running() => (self.give_up(given_up), false),
            wish = stop => (ServerState::Stopped, wish.is_ok()),
        };
        Endpoint::remove(&self.node.folder);
        let ended = if graceful {
            self.process.stop().await
        } else {
            self.process.kill().await
        };
        match ended {
            Ok(exit) => tracing::debug!(status = %exit.status, "nats-server has ended"),
            Err(error) => tracing::warn!(%error, "could not wait for the end of nats-server"),
        }
        self.state.send_replace(end);
    }

    /// Tells the owner and other processes where the server is now.
    pub(super) fn announce(&self, address: &Address) -> Result<(), ManagedError> {
        let Address {
            pid,
            client_url,
            monitor_url,
        } = address.clone();
        Endpoint {
            client_url,
            monitor_url,
            pid,
            owner_pid: std::process::id(),
        }
        .write(&self.node.folder)?;
        self.state.send_replace(ServerState::Running { pid });
        Ok(())
    }

    async fn keep_running(&mut self) -> Result<Infallible, ManagedError> {
        loop {
            let exit = self
                .process
                .exited()
                .await
                .map_err(|source| self.node.cannot_start(source))?;
            self.state.send_replace(ServerState::Restarting);
            let Some(backoff) = self.deaths.another(Instant::now()) else {
                return Err(self.died_too_often(&exit.stderr));
            };
            tracing::warn!(status = %exit.status, stderr = exit.stderr, "nats-server died and is restarted");
            sleep(backoff).await;
            self.process = self.node.launch()?;
            match self.node.ready(&mut self.process, RESTART_READY_MAX).await {
                Ok(address) => self.announce(&address)?,
                // The next turn counts it as a death.
                Err(ManagedError::Exited { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn died_too_often(&self, stderr: &str) -> ManagedError {
        let log = self.node.log_tail(stderr);
        ManagedError::GivenUp {
            deaths: self.deaths.recent.len(),
            window: DEATHS_WINDOW,
            log,
        }
    }

    fn give_up(&self, result: Result<Infallible, ManagedError>) -> ServerState {
        let Err(error) = result;
        tracing::error!(%error, "nats-server is given up");
        ServerState::GivenUp(Arc::new(error))
    }
}

/// How often a server died of late.
#[derive(Debug)]
pub(super) struct Deaths {
    recent: VecDeque<Instant>,
    restarts_max: usize,
}

impl Deaths {
    /// None yet; `restarts_max` may be answered by a restart within the window.
    pub(super) fn none(restarts_max: usize) -> Self {
        Self {
            recent: VecDeque::new(),
            restarts_max,
        }
    }

    /// Counts one more; the wait before the restart, or `None` when there have been too many.
    fn another(&mut self, now: Instant) -> Option<Duration> {
        self.recent
            .retain(|&death| now.duration_since(death) < DEATHS_WINDOW);
        self.recent.push_back(now);
        if self.recent.len() > self.restarts_max {
            return None;
        }
        // Doubled with every death of the window; the exponent is kept from overflowing.
        let doublings = self.recent.len().saturating_sub(1).min(16);
        Some((BACKOFF_FIRST * (1 << doublings)).min(BACKOFF_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_death_of_the_window_doubles_the_wait_up_to_its_limit() {
        let (mut deaths, now) = (Deaths::none(10), Instant::now());
        let waits: Vec<u128> = (0..7)
            .map(|_| deaths.another(now).unwrap().as_millis())
            .collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn too_many_deaths_within_the_window_are_the_end() {
        let (mut deaths, now) = (Deaths::none(3), Instant::now());
        let answers: Vec<bool> = (0..4)
            .map(|second| deaths.another(now + Duration::from_secs(second)).is_some())
            .collect();
        assert_eq!(answers, [true, true, true, false]);
    }

    #[test]
    fn deaths_before_the_window_are_forgotten() {
        let (mut deaths, now) = (Deaths::none(1), Instant::now());
        for minute in 0..100 {
            assert_eq!(
                deaths.another(now + DEATHS_WINDOW * minute),
                Some(BACKOFF_FIRST),
                "minute {minute}"
            );
        }
    }
}
