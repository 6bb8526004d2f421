//! Connecting to the log: which NATS, whether it keeps what it acknowledges, and which log it is.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, anyhow};
use ordertrace_domain::{EventArchive, Executor, LogError};
use ordertrace_nats::{
    ConnectOptions, Connection, Durability, JetStreamLog, StreamIdentity, Topology,
    TopologyOptions, ensure_durable, managed::Endpoint,
};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{
    cli::{NatsArgs, ProcessArgs},
    clock::SystemClock,
    server::Check,
};

/// The log, connected and checked.
pub(crate) struct Attached {
    pub(crate) connection: Connection,
    pub(crate) identity: StreamIdentity,
    pub(crate) executor: Executor,
    pub(super) archive: Arc<dyn EventArchive>,
}

/// Connects to the servers that are named, or to those of a running `dev` on the same data folder.
pub(super) async fn attach(process: &ProcessArgs, role: &str) -> anyhow::Result<Attached> {
    let nats = &process.nats;
    let (urls, monitor_urls) = match nats.url() {
        Some(url) => (url.to_owned(), nats.monitor_urls()),
        None => {
            let endpoint = running_dev(&process.data.data_dir)?;
            (endpoint.client_url, vec![endpoint.monitor_url])
        }
    };
    attach_to(&urls, &monitor_urls, nats, role).await
}

fn running_dev(data_dir: &Path) -> anyhow::Result<Endpoint> {
    Endpoint::read(data_dir).ok_or_else(|| {
        anyhow!(
            "no NATS: no `ordertrace dev` runs on the data folder {}, and neither --nats-url nor NATS_URL names a server",
            data_dir.display()
        )
    })
}

/// Connects to these servers (separated by commas).
pub(crate) async fn attach_to(
    urls: &str,
    monitor_urls: &[String],
    nats: &NatsArgs,
    role: &str,
) -> anyhow::Result<Attached> {
    tracing::debug!(nats.urls = urls, "connecting to NATS");
    let urls = urls.split(',').map(str::trim);
    let connection = Connection::open(ConnectOptions::new(urls, role)).await?;
    let topology = Topology::new(TopologyOptions {
        replicas: nats.nats_replicas.into(),
        events_bytes_max: None,
    });
    let provisioned = topology
        .ensure(&connection)
        .await
        .context("the streams are not as they should be")?;
    let durability = Durability::read(&connection, monitor_urls).await;
    ensure_durable(durability, nats.allow_losing_acknowledged_orders)?;
    let identity = connection.watch(provisioned.incarnation);
    let log = Arc::new(JetStreamLog::open(&connection, identity.clone()));
    Ok(Attached {
        archive: log.clone(),
        executor: Executor::new(log, Arc::new(SystemClock)),
        connection,
        identity,
    })
}

impl Attached {
    /// Ends the process when the log turns out to be another one: what it knows is of a log that is gone.
    pub(super) fn watch(&self, parts: &mut Parts, shutdown: CancellationToken) {
        let identity = self.identity.clone();
        parts.start("the log", async move {
            tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                () = identity.recreated() => Err(LogError::Recreated),
            }
        });
    }

    /// Whether the log can be used now.
    pub(super) fn check(&self) -> (&'static str, Check) {
        let connection = self.connection.clone();
        let identity = self.identity.clone();
        let check = move || {
            if identity.is_recreated() {
                Err("the event stream was deleted or re-created: it is another log now".to_owned())
            } else if !connection.is_connected() {
                Err("not connected to NATS".to_owned())
            } else if identity.is_silent() {
                Err("NATS does not answer".to_owned())
            } else {
                Ok(())
            }
        };
        ("log", Arc::new(check))
    }
}
