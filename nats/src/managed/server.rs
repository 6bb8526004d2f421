//! The managed server as its owner sees it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::config::{Ports, SyncPolicy};
use super::endpoint::Endpoint;
use super::error::ManagedError;
use super::find::{Environment, find};
use super::folder::ServerFolder;
use super::health::Monitoring;
use super::node::Node;
use super::supervise::{Deaths, ServerState, Supervisor};

/// The server's own shutdown is bounded by as much, so that a restart of the whole never fails on its predecessor.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// A first start with a large store takes seconds: five million events took two.
const START_READY_MAX: Duration = Duration::from_secs(30);

/// More deaths than this within a minute are no accident.
const RESTARTS_MAX: usize = 10;

/// How a managed server is started.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// The server keeps everything in `nats/` below it.
    pub data_dir: PathBuf,
    /// When the server puts a write on the disk.
    pub sync: SyncPolicy,
    /// Where a `nats-server` is looked for.
    pub environment: Environment,
    /// How long an earlier owner of the data folder is waited for.
    pub lock_wait: Duration,
    /// How many deaths within a minute are answered by a restart.
    pub restarts_max: usize,
}

impl StartOptions {
    /// A server that loses nothing it acknowledged, found by this process's environment.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            sync: SyncPolicy::Always,
            environment: Environment::from_process(),
            lock_wait: LOCK_WAIT,
            restarts_max: RESTARTS_MAX,
        }
    }
}

/// A `nats-server` on loopback that lives as long as this value, restarted when it dies.
///
/// [`stop`](Self::stop) ends it gracefully; dropping the value, or the end of this process, kills it.
#[derive(Debug)]
pub struct ManagedServer {
    folder: ServerFolder,
    client_url: String,
    monitor_url: String,
    state: watch::Receiver<ServerState>,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
}

impl ManagedServer {
    /// Finds a `nats-server`, starts it and waits until it is healthy.
    ///
    /// # Errors
    /// [`ManagedError`] says what a user can do about it; after an error nothing runs.
    pub async fn start(options: StartOptions) -> Result<Self, ManagedError> {
        let folder = ServerFolder::of(&options.data_dir)?;
        let lock = folder.lock(options.lock_wait).await?;
        Endpoint::remove(&folder);
        let mut node = Node {
            name: "ordertrace".to_owned(),
            folder: folder.clone(),
            lock,
            binary: find(&options.environment).await?,
            sync: options.sync,
            routes: None,
            ports: Ports::last(&folder),
            monitoring: Monitoring::new()?,
        };
        let (process, address) = node.start(START_READY_MAX).await?;
        node.ports.note(&folder);
        tracing::info!(nats.url = address.client_url, nats.version = %node.binary.version, "nats-server runs");

        let (state_sender, state) = watch::channel(ServerState::Restarting);
        let deaths = Deaths::none(options.restarts_max);
        let supervisor = Supervisor {
            node,
            process,
            deaths,
            state: state_sender,
        };
        supervisor.announce(&address)?;
        let (stop, stop_wish) = oneshot::channel();
        let supervisor = tokio::spawn(supervisor.run(stop_wish));
        Ok(Self {
            folder,
            client_url: address.client_url,
            monitor_url: address.monitor_url,
            state,
            stop,
            supervisor,
        })
    }

    /// For clients, such as `nats://127.0.0.1:38543`; the same after every restart.
    pub fn client_url(&self) -> &str {
        &self.client_url
    }

    /// The server's monitoring, such as `http://127.0.0.1:42127`; the same after every restart.
    pub fn monitor_url(&self) -> &str {
        &self.monitor_url
    }

    /// The process of the `nats-server` that runs now; `None` while there is none.
    pub fn pid(&self) -> Option<u32> {
        match *self.state.borrow() {
            ServerState::Running { pid } => Some(pid),
            ServerState::Restarting | ServerState::GivenUp(_) | ServerState::Stopped => None,
        }
    }

    /// Where the server keeps its streams.
    pub fn store_dir(&self) -> PathBuf {
        self.folder.store()
    }

    /// The server's own log.
    pub fn log_file(&self) -> PathBuf {
        self.folder.log()
    }

    /// Waits until the server is given up, and says why: its owner should end as well.
    pub async fn stopped(&self) -> Arc<ManagedError> {
        let mut state = self.state.clone();
        let ended = state
            .wait_for(|state| matches!(state, ServerState::GivenUp(_)))
            .await;
        match ended.as_deref() {
            Ok(ServerState::GivenUp(error)) => Arc::clone(error),
            _ => Arc::new(ManagedError::Unwatched),
        }
    }

    /// Asks the server to stop and waits until it is gone; it is killed when that takes over ten seconds.
    pub async fn stop(self) {
        // A supervisor that is gone has given the server up, and then nothing runs.
        let _ = self.stop.send(());
        let _ = self.supervisor.await;
    }
}
