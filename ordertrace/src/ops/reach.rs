//! Connecting to NATS as an operator: no role, so nothing is made and nothing is demanded of what is there.

use std::time::Duration;

use anyhow::anyhow;
use ordertrace_nats::managed::{Endpoint, ManagedServer, StartOptions};
use ordertrace_nats::{ConnectOptions, Connection};

use crate::cli::{DataArgs, NatsArgs};

/// The name of the connection and of its inboxes, `_INBOX_ops`.
const ROLE: &str = "ops";

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
    match named_or_running(nats, data) {
        Some(urls) => connect(&urls).await,
        None => Err(anyhow!(
            "no NATS: no `ordertrace dev` runs on the data folder {}, and neither --nats-url nor NATS_URL names a server",
            data.data_dir.display()
        )),
    }
}

/// The same; or else a server of our own on the data folder, as `dev` would start it, for as long as this takes.
pub(super) async fn any(nats: &NatsArgs, data: &DataArgs) -> anyhow::Result<Reached> {
    let (urls, own) = match named_or_running(nats, data) {
        Some(urls) => (urls, None),
        None => {
            let server = ManagedServer::start(StartOptions::new(&data.data_dir)).await?;
            (server.client_url().to_owned(), Some(server))
        }
    };
    let connection = connect(&urls).await?;
    Ok(Reached { connection, own })
}

fn named_or_running(nats: &NatsArgs, data: &DataArgs) -> Option<String> {
    let named = nats.url().map(str::to_owned);
    named.or_else(|| Endpoint::read(&data.data_dir).map(|endpoint| endpoint.client_url))
}

async fn connect(urls: &str) -> anyhow::Result<Connection> {
    let urls = urls.split(',').map(str::trim);
    let options = ConnectOptions {
        start_budget: REACH_MAX,
        ..ConnectOptions::new(urls, ROLE)
    };
    Ok(Connection::open(options).await?)
}
