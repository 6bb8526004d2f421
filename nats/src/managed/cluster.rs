//! Three routed servers on loopback, for tests: what one node does and what a cluster does differ.
//!
//! Nothing is restarted by itself here: a test kills and starts nodes with its own hand. A node keeps its folder and its
//! ports for as long as the cluster lives.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use tokio::time::{sleep, timeout};

use super::config::{Ports, Routes, SyncPolicy};
use super::error::ManagedError;
use super::find::{Environment, ServerBinary, find};
use super::folder::ServerFolder;
use super::health::{ASK_AGAIN, ClusterView, Monitoring};
use super::launch::Process;
use super::node::{Address, Node};

/// The fewest nodes that survive the loss of one.
const NODES: usize = 3;

/// A cluster elects its first leader after a few seconds; three servers start on a loaded machine.
const READY_MAX: Duration = Duration::from_secs(60);

/// A start may find that one of its route ports was taken since it was chosen; thrice in a row is no accident.
const START_ATTEMPTS_MAX: usize = 3;

/// A node that was killed a moment ago may still hold its folder.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// A running cluster of three nodes; dropping it kills them.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<ClusterNode>,
    monitoring: Monitoring,
}

impl Cluster {
    /// Starts three nodes with folders below `dir` and waits until all are healthy and know one leader.
    ///
    /// # Errors
    /// [`ManagedError`], as for a single server; after an error nothing runs.
    pub async fn start(dir: &Path, sync: SyncPolicy) -> Result<Self, ManagedError> {
        let binary = find(&Environment::from_process()).await?;
        let mut attempt = 1;
        loop {
            match Self::attempt(dir, sync, &binary).await {
                Err(ManagedError::Exited { .. }) if attempt < START_ATTEMPTS_MAX => attempt += 1,
                result => return result,
            }
        }
    }

    /// The client addresses of all nodes, also of those that are down.
    pub fn urls(&self) -> Vec<String> {
        self.nodes
            .iter()
            .map(|node| node.client_url().to_owned())
            .collect()
    }

    /// All three nodes.
    pub fn nodes(&self) -> &[ClusterNode] {
        &self.nodes
    }

    /// Node `index` of 0, 1 and 2.
    ///
    /// # Panics
    /// For any other index.
    pub fn node(&self, index: usize) -> &ClusterNode {
        &self.nodes[index]
    }

    /// Node `index` of 0, 1 and 2, to stop, kill or start it.
    ///
    /// # Panics
    /// For any other index.
    pub fn node_mut(&mut self, index: usize) -> &mut ClusterNode {
        &mut self.nodes[index]
    }

    /// Waits until all nodes that run are healthy and know the same leader, and returns that leader's index.
    ///
    /// # Errors
    /// [`ManagedError::NoClusterLeader`] when that does not come about within a minute, as with two nodes down.
    pub async fn ready(&self) -> Result<usize, ManagedError> {
        let agreed = async {
            loop {
                match self.agreed_leader().await {
                    Some(leader) => return leader,
                    None => sleep(ASK_AGAIN).await,
                }
            }
        };
        timeout(READY_MAX, agreed)
            .await
            .map_err(|_elapsed| ManagedError::NoClusterLeader { bound: READY_MAX })
    }

    /// Starts all nodes that are down, at once, for none is healthy before a majority is there, and waits until all are healthy
    /// and know one leader.
    ///
    /// # Errors
    /// [`ManagedError`], as for a single server; nodes that did start run on.
    pub async fn start_all(&mut self) -> Result<usize, ManagedError> {
        let starts = self.nodes.iter_mut().map(ClusterNode::start);
        join_all(starts)
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        self.ready().await
    }

    /// Stops all nodes gracefully and waits until they are gone.
    pub async fn stop(mut self) {
        join_all(self.nodes.iter_mut().map(ClusterNode::stop)).await;
    }

    async fn attempt(
        dir: &Path,
        sync: SyncPolicy,
        binary: &ServerBinary,
    ) -> Result<Self, ManagedError> {
        let monitoring = Monitoring::new()?;
        let routes = free_ports().map_err(|source| ManagedError::Launch {
            program: binary.path.clone(),
            source,
        })?;
        let mut launched = Vec::with_capacity(NODES);
        for (index, own_port) in routes.iter().copied().enumerate() {
            let name = format!("n{}", index + 1);
            let folder = ServerFolder::of(&dir.join(&name))?;
            let node = Node {
                lock: folder.lock(LOCK_WAIT).await?,
                name,
                folder,
                binary: binary.clone(),
                sync,
                routes: Some(Routes {
                    own_port,
                    all_ports: routes.clone(),
                }),
                ports: Ports::default(),
                monitoring: monitoring.clone(),
            };
            let process = node.launch()?;
            launched.push((node, process));
        }
        // No node is healthy before a majority is there, so all are waited for together.
        let nodes = try_join_all(
            launched
                .into_iter()
                .map(|(node, process)| ClusterNode::first(node, process)),
        )
        .await?;
        let cluster = Self { nodes, monitoring };
        cluster.ready().await?;
        Ok(cluster)
    }

    async fn agreed_leader(&self) -> Option<usize> {
        let running = || self.nodes.iter().filter(|node| node.is_running());
        let views = join_all(running().map(|node| self.view(node))).await;
        let views: Vec<ClusterView> = views.into_iter().collect::<Option<_>>()?;
        let first = views.first()?;
        let agreed = first.cluster_size == NODES && views.iter().all(|view| view == first);
        let leader = self
            .nodes
            .iter()
            .position(|node| node.node.name == first.leader)?;
        (agreed && self.nodes[leader].is_running()).then_some(leader)
    }

    async fn view(&self, node: &ClusterNode) -> Option<ClusterView> {
        match self.monitoring.is_healthy(node.monitor_url()).await {
            true => self.monitoring.cluster_view(node.monitor_url()).await,
            false => None,
        }
    }
}

/// One node of a [`Cluster`].
#[derive(Debug)]
pub struct ClusterNode {
    node: Node,
    process: Option<Process>,
    address: Address,
}

impl ClusterNode {
    /// For clients; the same after every start.
    pub fn client_url(&self) -> &str {
        &self.address.client_url
    }

    /// Its monitoring; the same after every start.
    pub fn monitor_url(&self) -> &str {
        &self.address.monitor_url
    }

    /// The node's name, as the server's own answers give it: `n1`, `n2` or `n3`.
    pub fn name(&self) -> &str {
        &self.node.name
    }

    /// Where the node keeps its streams.
    pub fn store_dir(&self) -> PathBuf {
        self.node.folder.store()
    }

    /// The process of the node's `nats-server`; `None` while it is down.
    pub fn pid(&self) -> Option<u32> {
        self.is_running().then_some(self.address.pid)
    }

    /// Whether it was started and not stopped or killed since, by this value: a node that died otherwise is not noticed.
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Starts a node that is down and waits until it is healthy; does nothing for one that runs.
    ///
    /// # Errors
    /// [`ManagedError`], as for a single server; the node is down then.
    pub async fn start(&mut self) -> Result<(), ManagedError> {
        if self.process.is_none() {
            let (process, address) = self.node.start(READY_MAX).await?;
            self.process = Some(process);
            self.address = address;
        }
        Ok(())
    }

    /// Kills the node with SIGKILL and waits until it is gone.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take()
            && let Err(error) = process.kill().await
        {
            tracing::warn!(node.name = self.node.name, %error, "could not wait for the end of a node");
        }
    }

    /// Asks the node to stop and waits until it is gone.
    pub async fn stop(&mut self) {
        if let Some(mut process) = self.process.take()
            && let Err(error) = process.stop().await
        {
            tracing::warn!(node.name = self.node.name, %error, "could not wait for the end of a node");
        }
    }

    async fn first(mut node: Node, mut process: Process) -> Result<Self, ManagedError> {
        let address = node.ready(&mut process, READY_MAX).await?;
        Ok(Self {
            node,
            process: Some(process),
            address,
        })
    }
}

/// Ports that were free a moment ago; all are held until the last is chosen, so that they differ.
fn free_ports() -> std::io::Result<Vec<u16>> {
    let listeners = (0..NODES).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listeners = listeners.collect::<std::io::Result<Vec<_>>>()?;
    listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}
