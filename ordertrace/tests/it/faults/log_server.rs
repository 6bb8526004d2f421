//! The nats-servers of a town: one that is started again when it dies, or three of which each is.

use std::path::Path;

use ordertrace_nats::managed::{Cluster, ManagedServer, StartOptions, SyncPolicy};

/// The servers.
pub(super) enum LogServer {
    One(ManagedServer),
    Three(Cluster),
}

impl LogServer {
    /// One server, with a folder below this one.
    pub(super) async fn one(folder: &Path) -> Self {
        let server = ManagedServer::start(StartOptions::new(folder));
        Self::One(server.await.unwrap())
    }

    /// Three servers, with folders below this one.
    pub(super) async fn three(folder: &Path) -> Self {
        let folder = folder.join("cluster");
        let cluster = Cluster::start(&folder, SyncPolicy::Always).await;
        Self::Three(cluster.unwrap())
    }

    /// The flags that lead a process to the servers, but for their addresses.
    pub(super) fn flags(&self) -> Vec<String> {
        let (monitors, replicas) = match self {
            Self::One(server) => (server.monitor_url().to_owned(), 1),
            Self::Three(cluster) => {
                let urls = cluster.nodes().iter().map(|node| node.monitor_url());
                (urls.collect::<Vec<_>>().join(","), 3)
            }
        };
        let replicas = replicas.to_string();
        let flags = [
            ["--nats-monitor-url", &monitors],
            ["--nats-replicas", &replicas],
        ];
        flags.concat().into_iter().map(str::to_owned).collect()
    }

    /// Their addresses.
    pub(super) fn url(&self) -> String {
        match self {
            Self::One(server) => server.client_url().to_owned(),
            Self::Three(cluster) => cluster.urls().join(","),
        }
    }

    /// The one server.
    pub(super) fn single(&self) -> &ManagedServer {
        match self {
            Self::One(server) => server,
            Self::Three(_) => panic!("there are three"),
        }
    }

    /// The three servers.
    pub(super) fn cluster(&mut self) -> &mut Cluster {
        match self {
            Self::Three(cluster) => cluster,
            Self::One(_) => panic!("there is one"),
        }
    }
}
