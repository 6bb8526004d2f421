//! Connecting to NATS as an operator: no role, so nothing is made and nothing is demanded of what is there.

use std::time::Duration;

use ordertrace_nats::managed::{Endpoint, ManagedServer, StartOptions};
use ordertrace_nats::{ConnectOptions, Connection, NatsRole};

use crate::audit;
use crate::cli::{DataArgs, NatsArgs};

/// The name of the connection and of its inboxes, `_INBOX_ops`.
const ROLE: &str = NatsRole::Operator.name();

/// How long servers are looked for: they run already, and somebody waits at a terminal.
const REACH_MAX: Duration = Duration::from_secs(10);

/// A server to restore into; one of our own is ended with [`stop`](Self::stop).
pub(super) struct Reached {
    pub(super) connection: Connection,
    own: Option<ManagedServer>,
}

impl Reached {
    /// Ends what was started for this.
    pub(super) async fn stop(self) {
        self.connection.drain().await;
        if let Some(server) = self.own {
            server.stop().await;
        }
    }
}

/// The servers that are named, or those of the `dev` that runs on the data folder.
pub(super) async fn running(nats: &NatsArgs, data: &DataArgs) -> anyhow::Result<Connection> {
    match nats.url() {
        Some(urls) => connect(urls, nats, ROLE).await,
        None => {
            let dev = audit::running_dev(&data.data_dir)?;
            connect(&dev.client_url, nats, ROLE).await
        }
    }
}

/// The same as the user of a role, and where the servers show their settings.
pub(super) async fn looked_at(
    nats: &NatsArgs,
    data: &DataArgs,
    role: NatsRole,
) -> anyhow::Result<(Connection, Vec<String>)> {
    let (urls, monitoring) = match nats.url() {
        Some(urls) => (urls.to_owned(), nats.monitor_urls()),
        None => {
            let dev = audit::running_dev(&data.data_dir)?;
            (dev.client_url, vec![dev.monitor_url])
        }
    };
    let connection = connect(&urls, nats, role.name()).await?;
    Ok((connection, monitoring))
}

/// The same as an operator; or else a server of our own on the data folder, as `dev` would start it, for as long as this takes.
pub(super) async fn any(nats: &NatsArgs, data: &DataArgs) -> anyhow::Result<Reached> {
    let (urls, own) = match named_or_running(nats, data) {
        Some(urls) => (urls, None),
        None => {
            let server = ManagedServer::start(StartOptions::new(&data.data_dir)).await?;
            (server.client_url().to_owned(), Some(server))
        }
    };
    let connection = connect(&urls, nats, ROLE).await?;
    Ok(Reached { connection, own })
}

fn named_or_running(nats: &NatsArgs, data: &DataArgs) -> Option<String> {
    let named = nats.url().map(str::to_owned);
    named.or_else(|| Endpoint::read(&data.data_dir).map(|endpoint| endpoint.client_url))
}

async fn connect(urls: &str, nats: &NatsArgs, role: &str) -> anyhow::Result<Connection> {
    let options = ConnectOptions {
        start_budget: REACH_MAX,
        ..nats.access.options(urls, role)?
    };
    audit::connect(options).await
}
