//! Which NATS to use.

use clap::{Args, ValueEnum};
use ordertrace_nats::Replicas;

/// Which NATS to use.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsArgs {
    /// The NATS servers to use, separated by commas [default: for `dev` one of its own, for other roles that of the `dev`
    /// that runs on the same data folder]
    #[arg(long, value_name = "URL", env = "NATS_URL")]
    nats_url: Option<String>,
    /// Where those servers show their settings (http://HOST:8222), each of them, separated by commas
    #[arg(
        long,
        value_name = "URL",
        env = "NATS_MONITOR_URL",
        value_delimiter = ','
    )]
    nats_monitor_url: Vec<String>,
    /// How many servers keep each event: 1, or 3 in production
    #[arg(long, value_name = "N", env = "NATS_REPLICAS", default_value = "1")]
    pub(crate) nats_replicas: ReplicaCount,
    /// Start although the servers do not sync each write, or do not say so: a power cut may then lose acknowledged orders
    #[arg(long, env = "ORDERTRACE_ALLOW_LOSING_ACKNOWLEDGED_ORDERS")]
    pub(crate) allow_losing_acknowledged_orders: bool,
}

impl NatsArgs {
    /// The servers, if any are named; an empty variable names none.
    pub(crate) fn url(&self) -> Option<&str> {
        let url = self.nats_url.as_deref().map(str::trim);
        url.filter(|url| !url.is_empty())
    }

    /// The monitoring addresses, if any are named.
    pub(crate) fn monitor_urls(&self) -> Vec<String> {
        let urls = self
            .nats_monitor_url
            .iter()
            .map(|url| url.trim().to_owned());
        urls.filter(|url| !url.is_empty()).collect()
    }
}

/// How many servers keep each event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplicaCount {
    /// One server
    #[value(name = "1")]
    One,
    /// Three servers: the loss of any one loses nothing
    #[value(name = "3")]
    Three,
}

impl From<ReplicaCount> for Replicas {
    fn from(count: ReplicaCount) -> Self {
        match count {
            ReplicaCount::One => Self::One,
            ReplicaCount::Three => Self::Three,
        }
    }
}
