//! Which NATS to use.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ordertrace_nats::{
    Access, ClientCertificate, ConnectOptions, Identity, Replicas, Topology, TopologyOptions,
};

use super::{size, wrong};
use crate::roles::keys::warn_if_shared;

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
    /// How large the log may grow before orders are refused, such as 80GiB; well below the disk of each server [default: as
    /// large as the disk]
    #[arg(long, value_name = "SIZE", env = "NATS_EVENTS_MAX_BYTES", value_parser = size::bytes)]
    nats_events_max_bytes: Option<u64>,
    /// Start although the servers do not sync each write, or do not say so: a power cut may then lose acknowledged orders
    #[arg(long, env = "ORDERTRACE_ALLOW_LOSING_ACKNOWLEDGED_ORDERS")]
    pub(crate) allow_losing_acknowledged_orders: bool,
    #[command(flatten)]
    pub(crate) access: NatsAccessArgs,
}

/// As whom to connect, and how the way there is kept from others. An empty value is none.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsAccessArgs {
    /// A file with the seed of the nkey to connect with, as `ops nats-config --keys` makes it
    #[arg(long, value_name = "FILE", env = "NATS_NKEY_FILE")]
    nats_nkey_file: Option<String>,
    /// A credentials file (a JWT and its seed) to connect with
    #[arg(long, value_name = "FILE", env = "NATS_CREDS_FILE")]
    nats_creds_file: Option<String>,
    /// Refuse servers that do not speak TLS; any of the three below says so as well
    #[arg(long, env = "NATS_TLS")]
    nats_tls: bool,
    /// The authority that vouches for the servers, as PEM [default: those that this machine trusts]
    #[arg(long, value_name = "FILE", env = "NATS_TLS_CA")]
    nats_tls_ca: Option<String>,
    /// The certificate to show to the servers, as PEM
    #[arg(long, value_name = "FILE", env = "NATS_TLS_CERT")]
    nats_tls_cert: Option<String>,
    /// Its key
    #[arg(long, value_name = "FILE", env = "NATS_TLS_KEY")]
    nats_tls_key: Option<String>,
}

impl NatsAccessArgs {
    /// How to connect to these servers (separated by commas) in this role.
    pub(crate) fn options(&self, urls: &str, role: &str) -> Result<ConnectOptions, clap::Error> {
        Ok(ConnectOptions {
            access: self.access()?,
            ..ConnectOptions::new(urls.split(',').map(str::trim), role)
        })
    }

    fn access(&self) -> Result<Access, clap::Error> {
        let secrets = [
            &self.nats_nkey_file,
            &self.nats_creds_file,
            &self.nats_tls_key,
        ];
        for file in secrets.into_iter().filter_map(given) {
            warn_if_shared(&file);
        }
        let identity = match (given(&self.nats_nkey_file), given(&self.nats_creds_file)) {
            (None, None) => Identity::FromAddress,
            (Some(nkey), None) => Identity::Nkey(nkey),
            (None, Some(creds)) => Identity::Creds(creds),
            (Some(_), Some(_)) => {
                return Err(wrong(
                    "--nats-nkey-file and --nats-creds-file: a process connects as one user",
                ));
            }
        };
        let tls_client = match (given(&self.nats_tls_cert), given(&self.nats_tls_key)) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
            _ => {
                return Err(wrong(
                    "--nats-tls-cert and --nats-tls-key: one needs the other",
                ));
            }
        };
        Ok(Access {
            identity,
            tls_required: self.nats_tls,
            tls_ca: given(&self.nats_tls_ca),
            tls_client,
        })
    }
}

fn given(path: &Option<String>) -> Option<PathBuf> {
    let path = path.as_deref().map(str::trim);
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

impl NatsArgs {
    /// The servers, if any are named; an empty variable names none.
    pub(crate) fn url(&self) -> Option<&str> {
        let url = self.nats_url.as_deref().map(str::trim);
        url.filter(|url| !url.is_empty())
    }

    /// The streams and consumers as they have to be there.
    pub(crate) fn topology(&self) -> Topology {
        Topology::new(TopologyOptions {
            replicas: self.nats_replicas.into(),
            events_bytes_max: self.nats_events_max_bytes,
        })
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
