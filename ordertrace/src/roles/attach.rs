//! Connecting to the log: which NATS, whether it keeps what it acknowledges, and which log it is.

use std::sync::Arc;

use anyhow::Context as _;
use ordertrace_domain::{EventArchive, Executor, LogError};
use ordertrace_nats::{Connection, Durability, JetStreamLog, StreamIdentity, ensure_durable};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{
    audit,
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
    let (urls, monitor_urls) = servers(process)?;
    attach_to(&urls, &monitor_urls, &process.nats, role).await
}

/// The same, for a role that takes no orders: nothing is acknowledged to anybody, so nobody is asked how it is kept.
pub(super) async fn attach_without_orders(
    process: &ProcessArgs,
    role: &str,
) -> anyhow::Result<Attached> {
    let (urls, _) = servers(process)?;
    connect(&urls, &process.nats, role).await
}

/// The addresses of the servers, and of where they show their settings.
fn servers(process: &ProcessArgs) -> Result<(String, Vec<String>), audit::Failure> {
    let nats = &process.nats;
    if let Some(url) = nats.url() {
        return Ok((url.to_owned(), nats.monitor_urls()));
    }
    let endpoint = audit::running_dev(&process.data.data_dir)?;
    Ok((endpoint.client_url, vec![endpoint.monitor_url]))
}

/// Connects to these servers (separated by commas).
pub(crate) async fn attach_to(
    urls: &str,
    monitor_urls: &[String],
    nats: &NatsArgs,
    role: &str,
) -> anyhow::Result<Attached> {
    let attached = connect(urls, nats, role).await?;
    let durability = Durability::read(&attached.connection, monitor_urls).await;
    ensure_durable(durability, nats.allow_losing_acknowledged_orders)?;
    Ok(attached)
}

async fn connect(urls: &str, nats: &NatsArgs, role: &str) -> anyhow::Result<Attached> {
    let connection = audit::connect(nats.access.options(urls, role)?).await?;
    let provisioned = nats
        .topology()
        .ensure(&connection)
        .await
        .context("the streams are not as they should be")?;
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
