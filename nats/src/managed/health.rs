//! Asks a server's monitoring whether it is healthy.
//!
//! No answer, a late one and a bad one all mean "not now": the caller asks again within its own bound.

use std::time::Duration;

use serde::Deserialize;

use super::error::ManagedError;

/// Answers come over loopback; a server that takes longer is not healthy.
const ANSWER_SECS_MAX: u64 = 2;

/// How often a starting server is asked: short beside the tenths of a second that a start takes.
pub(super) const ASK_AGAIN: Duration = Duration::from_millis(20);

/// An HTTP client for the servers' monitoring.
#[derive(Debug, Clone)]
pub(super) struct Monitoring(reqwest::Client);

/// What one node knows of its cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ClusterView {
    /// The name of the leader of JetStream's own state; empty while there is none.
    #[serde(default)]
    pub(super) leader: String,
    pub(super) cluster_size: usize,
}

#[derive(Deserialize)]
struct Jsz {
    meta_cluster: ClusterView,
}

impl Monitoring {
    pub(super) fn new() -> Result<Self, ManagedError> {
        // A proxy of the environment is for the world outside, not for loopback.
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(ANSWER_SECS_MAX));
        client.build().map(Self).map_err(ManagedError::Monitoring)
    }

    /// Whether the server says that it works, its JetStream included.
    pub(super) async fn is_healthy(&self, monitor_url: &str) -> bool {
        let answer = self.0.get(format!("{monitor_url}/healthz")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// What this node knows of its cluster.
    pub(super) async fn cluster_view(&self, monitor_url: &str) -> Option<ClusterView> {
        let answer = self.0.get(format!("{monitor_url}/jsz")).send().await.ok()?;
        let jsz: Jsz = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        Some(jsz.meta_cluster)
    }
}
