//! One server in its folder: launched, and waited for until it is ready.
//!
//! The first launch lets the operating system choose the ports, every later one keeps them, so that clients find the
//! server again. It deliberately restarts nothing: that is for the supervisor, or for a test's own hand.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

use super::config::{Ports, Routes, ServerConfig, SyncPolicy};
use super::error::{LogTail, ManagedError};
use super::find::ServerBinary;
use super::folder::{FolderLock, ServerFolder, failed};
use super::health::{ASK_AGAIN, Monitoring};
use super::launch::{Exit, Process};

/// One server and the folder it owns.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) folder: ServerFolder,
    pub(super) lock: FolderLock,
    pub(super) binary: ServerBinary,
    pub(super) sync: SyncPolicy,
    pub(super) routes: Option<Routes>,
    pub(super) ports: Ports,
    pub(super) monitoring: Monitoring,
}

/// Where a running server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) pid: u32,
    pub(super) client_url: String,
    pub(super) monitor_url: String,
}

/// What the server writes into its ports file.
#[derive(Deserialize)]
struct PortsFile {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

impl Node {
    /// Starts the server and waits until it is ready; after an error nothing runs.
    pub(super) async fn start(
        &mut self,
        bound: Duration,
    ) -> Result<(Process, Address), ManagedError> {
        let mut process = self.launch()?;
        match self.ready(&mut process, bound).await {
            Ok(address) => Ok((process, address)),
            Err(error) => {
                // The first error is the one to tell; the folder stays locked until the server is gone.
                let _ = process.kill().await;
                Err(error)
            }
        }
    }

    /// Starts the server without waiting for it.
    pub(super) fn launch(&self) -> Result<Process, ManagedError> {
        self.folder.clear_run()?;
        let config = self.folder.config();
        fs::write(&config, self.config_text()?).map_err(failed("write", &config))?;
        let lock = self
            .lock
            .share()
            .map_err(|source| self.cannot_start(source))?;
        Process::spawn(&self.binary.path, &config, lock).map_err(|source| self.cannot_start(source))
    }

    /// Waits until the server answers and is healthy; fails at once when it ends instead.
    pub(super) async fn ready(
        &mut self,
        process: &mut Process,
        bound: Duration,
    ) -> Result<Address, ManagedError> {
        let address = tokio::select! {
            address = self.healthy() => address,
            exit = process.exited() => return Err(self.exited(exit)),
            () = sleep(bound) => return Err(ManagedError::NotReady { bound, log: self.log_tail("") }),
        };
        self.ports = Ports {
            client: port_of(&address.client_url),
            monitor: port_of(&address.monitor_url),
        };
        Ok(address)
    }

    /// The end of the log, and of what went to standard error.
    pub(super) fn log_tail(&self, stderr: &str) -> LogTail {
        LogTail(
            format!("{}\n{stderr}", self.folder.log_tail())
                .trim()
                .to_owned(),
        )
    }

    pub(super) fn cannot_start(&self, source: std::io::Error) -> ManagedError {
        ManagedError::Launch {
            program: self.binary.path.clone(),
            source,
        }
    }

    /// The caller bounds this.
    async fn healthy(&self) -> Address {
        loop {
            if let Some(address) = announced(&self.folder)
                && self.monitoring.is_healthy(&address.monitor_url).await
            {
                return address;
            }
            sleep(ASK_AGAIN).await;
        }
    }

    fn config_text(&self) -> Result<String, ManagedError> {
        let Self {
            name,
            folder,
            sync,
            ports,
            routes,
            ..
        } = self;
        ServerConfig {
            name,
            folder,
            sync: *sync,
            ports: *ports,
            routes: routes.as_ref(),
        }
        .render()
    }

    fn exited(&self, exit: std::io::Result<Exit>) -> ManagedError {
        match exit {
            Ok(Exit { status, stderr }) => ManagedError::Exited {
                status,
                log: self.log_tail(&stderr),
            },
            Err(source) => self.cannot_start(source),
        }
    }
}

/// What the server has said about itself so far; a file that is half written is not there yet.
fn announced(folder: &ServerFolder) -> Option<Address> {
    let pid: u32 = fs::read_to_string(folder.pid()).ok()?.trim().parse().ok()?;
    let ports = ports_file(&folder.run(), pid)?;
    let first = |urls: &[String]| urls.first().cloned();
    Some(Address {
        pid,
        client_url: first(&ports.nats)?,
        monitor_url: first(&ports.monitoring)?,
    })
}

/// The server names the file after its own program and pid.
fn ports_file(run: &Path, pid: u32) -> Option<PortsFile> {
    let ending = format!("_{pid}.ports");
    let named = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with(&ending);
    let entry = fs::read_dir(run).ok()?.filter_map(Result::ok).find(named)?;
    serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()
}

fn port_of(url: &str) -> Option<u16> {
    url.rsplit_once(':')?.1.parse().ok()
}
