//! A log of a bench's own: servers that are started for it in a folder of theirs, and gone with it.
//!
//! Invariant: nothing of a user's is touched; the folder is new, and is removed with all that is in it. It has to be on the
//! disk that is to be measured: in memory a sync costs nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use ordertrace_nats::{
    ConnectOptions, Connection, JetStreamLog, JetStreamRecords, RawPublisher, Replicas,
    StreamIdentity, Topology, TopologyOptions,
    managed::{Cluster, ManagedServer, StartOptions, SyncPolicy},
};

use crate::cli::Setup;

/// The name that the servers know a bench by.
const ROLE: &str = "bench";

/// The servers, with an empty log on them.
pub(super) struct Scratch {
    folder: PathBuf,
    servers: Servers,
    connections: [Connection; 2],
    /// Which log it is.
    pub(super) identity: StreamIdentity,
    /// Ours.
    pub(super) log: Arc<JetStreamLog>,
    /// What it is compared with, on a connection of its own.
    pub(super) raw: RawPublisher,
}

enum Servers {
    One(Box<ManagedServer>),
    Three(Cluster),
}

impl Scratch {
    /// Starts the servers below this folder.
    pub(super) async fn start(below: &Path, setup: Setup) -> anyhow::Result<Self> {
        let folder = below.join(format!("bench-{}-{}", std::process::id(), setup.name()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("could not make the folder {}", folder.display()))?;
        match Self::start_in(&folder, setup).await {
            Ok(scratch) => Ok(scratch),
            Err(error) => {
                std::fs::remove_dir_all(&folder).ok();
                Err(error)
            }
        }
    }

    async fn start_in(folder: &Path, setup: Setup) -> anyhow::Result<Self> {
        let servers = Servers::start(folder, setup).await?;
        let connection = Connection::open(ConnectOptions::new(servers.urls(), ROLE)).await?;
        let of_raw = Connection::open(ConnectOptions::new(servers.urls(), ROLE)).await?;
        let topology = Topology::new(TopologyOptions {
            replicas: setup.replicas(),
            events_bytes_max: None,
        });
        let incarnation = topology.ensure(&connection).await?.incarnation;
        let identity = connection.watch(incarnation);
        Ok(Self {
            folder: folder.to_owned(),
            servers,
            log: Arc::new(JetStreamLog::open(&connection, identity.clone())),
            identity,
            raw: RawPublisher::new(&of_raw),
            connections: [connection, of_raw],
        })
    }

    /// For files of the bench's own, which go with the servers.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The connection of ours.
    pub(super) fn connection(&self) -> &Connection {
        &self.connections[0]
    }

    /// The log as it is stored.
    pub(super) fn records(&self) -> JetStreamRecords {
        JetStreamRecords::new(self.connection(), self.identity.clone())
    }

    /// How a role is started on these servers, with a data folder that goes with them.
    pub(super) fn role_args(&self, role: &str) -> Vec<String> {
        let data = self.folder.join(format!("data-of-{role}"));
        let data = data.display().to_string();
        let (urls, monitors) = (
            self.servers.urls().join(","),
            self.servers.monitor_urls().join(","),
        );
        let args = [
            role,
            "--data-dir",
            &data,
            "--nats-url",
            &urls,
            "--nats-monitor-url",
            &monitors,
        ];
        args.map(str::to_owned).into()
    }

    /// Stops the servers and removes what they have stored.
    pub(super) async fn remove(self) -> anyhow::Result<()> {
        for connection in &self.connections {
            connection.drain().await;
        }
        match self.servers {
            Servers::One(server) => server.stop().await,
            Servers::Three(cluster) => cluster.stop().await,
        }
        std::fs::remove_dir_all(&self.folder)
            .with_context(|| format!("could not remove {}", self.folder.display()))
    }
}

impl Servers {
    async fn start(folder: &Path, setup: Setup) -> anyhow::Result<Self> {
        let sync = setup.sync_policy();
        Ok(match setup.replicas() {
            Replicas::One => {
                let mut options = StartOptions::new(folder);
                options.sync = sync;
                Self::One(Box::new(ManagedServer::start(options).await?))
            }
            Replicas::Three => Self::Three(Cluster::start(folder, sync).await?),
        })
    }

    fn monitor_urls(&self) -> Vec<String> {
        match self {
            Self::One(server) => vec![server.monitor_url().to_owned()],
            Self::Three(cluster) => {
                let nodes = cluster.nodes().iter();
                nodes.map(|node| node.monitor_url().to_owned()).collect()
            }
        }
    }

    fn urls(&self) -> Vec<String> {
        match self {
            Self::One(server) => vec![server.client_url().to_owned()],
            Self::Three(cluster) => cluster.urls(),
        }
    }
}

impl Setup {
    const fn replicas(self) -> Replicas {
        match self {
            Self::R1Always | Self::R1Default => Replicas::One,
            Self::R3Always => Replicas::Three,
        }
    }

    const fn sync_policy(self) -> SyncPolicy {
        match self {
            Self::R1Always | Self::R3Always => SyncPolicy::Always,
            Self::R1Default => SyncPolicy::ServerDefault,
        }
    }

    /// For names of folders.
    const fn name(self) -> &'static str {
        match self {
            Self::R1Always => "r1-always",
            Self::R1Default => "r1-default",
            Self::R3Always => "r3-always",
        }
    }

    /// How many servers hold the log, as figures say it.
    pub(super) const fn topology(self) -> &'static str {
        match self {
            Self::R1Always | Self::R1Default => "R1",
            Self::R3Always => "R3",
        }
    }

    /// When they sync, as figures say it.
    pub(super) const fn sync(self) -> &'static str {
        match self {
            Self::R1Always | Self::R3Always => "always",
            Self::R1Default => "default",
        }
    }
}
