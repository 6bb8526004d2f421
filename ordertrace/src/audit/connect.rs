//! Connecting to a log that is there.
//!
//! Invariant: nothing is made on the server, and a log whose settings are not those that this program declares is read all
//! the same: it may be just what an auditor has to look into.

use std::path::Path;
use std::time::Duration;

use ordertrace_domain::{Incarnation, Position, Sequence};
use ordertrace_nats::{
    ConnectError, ConnectOptions, Connection, JetStreamCheckpoints, JetStreamRecords, NatsRole,
    StreamIdentity, Topology, TopologyError, TopologyOptions,
    managed::Endpoint,
    subject::{CHECKPOINTS_STREAM, EVENTS_STREAM},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::cli::{self, LogSourceArgs};

/// The name by which the server knows an auditor.
const ROLE: &str = NatsRole::Auditor.name();

/// How long the first connection may take. The server is there, or it is not: nobody starts one beside an auditor.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How long a server may take to say what it has: a cluster elects a leader in five to seven seconds.
const LOOK_MAX: Duration = Duration::from_secs(15);

/// A log that is there, open for reading.
pub(crate) struct LogReader {
    pub(crate) connection: Connection,
    pub(crate) identity: StreamIdentity,
    /// The log as it is stored.
    pub(crate) records: JetStreamRecords,
}

impl LogReader {
    /// Connects to the servers that are named, or to that of a running `dev` on the data folder.
    pub(crate) async fn open(source: &LogSourceArgs) -> anyhow::Result<Self> {
        let urls = match source.nats_url() {
            Some(urls) => urls.to_owned(),
            None => running_dev(&source.data.data_dir)?.client_url,
        };
        let mut options = source.access.options(&urls, ROLE)?;
        options.start_budget = CONNECT_MAX;
        let connection = connect(options).await?;
        if !has_stream(&connection, EVENTS_STREAM).await? {
            anyhow::bail!(
                "there is no log on this NATS server: it has no stream {EVENTS_STREAM}, which the first role to start there makes"
            );
        }
        let identity = connection.watch(incarnation(&connection).await?);
        Ok(Self {
            records: JetStreamRecords::new(&connection, identity.clone()),
            connection,
            identity,
        })
    }

    /// The same, unless the process is told to stop meanwhile.
    pub(crate) async fn open_unless(
        shutdown: &CancellationToken,
        source: &LogSourceArgs,
    ) -> anyhow::Result<Self> {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => Err(Failure::Interrupted("before anything was read".to_owned()).into()),
            opened = Self::open(source) => opened,
        }
    }

    /// Which log it is.
    pub(crate) fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    /// A place in it.
    pub(crate) fn position(&self, sequence: Sequence) -> Position {
        Position {
            incarnation: self.incarnation(),
            sequence,
        }
    }

    /// Its checkpoints; none if there is no stream of them, as on a server that no audit role was ever started on.
    pub(crate) async fn checkpoints(&self) -> anyhow::Result<Option<JetStreamCheckpoints>> {
        let is_there = has_stream(&self.connection, CHECKPOINTS_STREAM).await?;
        let checkpoints = || JetStreamCheckpoints::new(&self.connection, self.identity.clone());
        Ok(is_there.then(checkpoints))
    }
}

/// Connects. Addresses that can't be read are a mistake in the call.
pub(crate) async fn connect(options: ConnectOptions) -> anyhow::Result<Connection> {
    match Connection::open(options).await {
        Ok(connection) => Ok(connection),
        Err(error @ (ConnectError::InvalidUrl { .. } | ConnectError::NoServer)) => {
            let told = anyhow::Error::new(error);
            Err(cli::wrong(&format!("--nats-url: {told:#}")).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the `dev` on a data folder has its server, for who was told of no other.
pub(crate) fn running_dev(data_dir: &Path) -> Result<Endpoint, Failure> {
    Endpoint::read(data_dir).ok_or_else(|| {
        Failure::Unreachable(format!(
            "no NATS: no `ordertrace dev` runs on the data folder {}, and neither --nats-url nor NATS_URL names a server",
            data_dir.display()
        ))
    })
}

/// Whether the server has this stream, in whatever form.
async fn has_stream(connection: &Connection, name: &str) -> anyhow::Result<bool> {
    let mut topology = Topology::new(TopologyOptions::SINGLE);
    topology.streams.retain(|stream| stream.name == name);
    topology.consumers.clear();
    match within(topology.verify(connection)).await? {
        // Asked for checkpoints alone, it also looks for the log, which was there.
        Ok(_) | Err(TopologyError::Drift(_)) => Ok(true),
        Err(TopologyError::Missing(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn incarnation(connection: &Connection) -> anyhow::Result<Incarnation> {
    let nothing = Topology {
        streams: Vec::new(),
        consumers: Vec::new(),
    };
    Ok(within(nothing.verify(connection)).await??)
}

async fn within<T>(look: impl Future<Output = T>) -> Result<T, Failure> {
    timeout(LOOK_MAX, look).await.map_err(|_| {
        Failure::Unreachable(format!(
            "the NATS server did not say within {} s what it has: is JetStream enabled there?",
            LOOK_MAX.as_secs()
        ))
    })
}
