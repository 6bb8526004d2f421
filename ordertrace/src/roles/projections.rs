//! `ordertrace projections`: the read models and the queries on them.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use ordertrace_domain::{EventArchive, EventFeed, Patience, Position};
use ordertrace_nats::JetStreamFeed;
use ordertrace_projections::{Projector, Queries, ViewStore, stuck_routes};
use tokio_util::sync::CancellationToken;

use super::{Attached, Parts, announce, attach, unless_stopped};
use crate::{
    cli::ProjectionsArgs,
    clock::SystemClock,
    metrics::Metrics,
    server::{Check, Health, Listener, check_exposure, hosts_for},
    shutdown, telemetry,
};

/// The folder of the read models, in the data folder.
const VIEWS_FOLDER: &str = "views";

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: ProjectionsArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs)?;
    check_exposure(args.listen, args.exposure.insecure_no_auth)?;
    let listener = Listener::bind(args.listen)?;
    let shutdown = shutdown::on_signal()?;
    let metrics = Metrics::install()?;
    let attaching = attach(&args.process, "projections");
    let Some(attached) = unless_stopped(&shutdown, attaching).await? else {
        return Ok(());
    };
    let folder = args
        .views_dir
        .unwrap_or_else(|| args.process.data.data_dir.join(VIEWS_FOLDER));
    let views = Views::open(&attached, folder).await?;
    let checks = vec![attached.check(), views.check()];
    let health = Health::new(checks, shutdown.clone());
    let routes = views
        .routes(args.patience.patience())
        .merge(metrics.router())
        .merge(health.router());
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("projections", listener.addr());
    let mut parts = Parts::new(shutdown.clone());
    attached.watch(&mut parts, shutdown.clone());
    views.start(&mut parts, shutdown.clone());
    metrics.start(&mut parts, shutdown.clone());
    parts.start("the HTTP server", listener.serve(routes, hosts, shutdown));
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The read models of this process.
pub(super) struct Views {
    store: ViewStore,
    feed: Arc<dyn EventFeed>,
    archive: Arc<dyn EventArchive>,
}

impl Views {
    /// Opens the read models in their folder within the data folder.
    pub(super) async fn open_in(
        attached: &Attached,
        data_dir: &std::path::Path,
    ) -> anyhow::Result<Self> {
        Self::open(attached, data_dir.join(VIEWS_FOLDER)).await
    }

    async fn open(attached: &Attached, folder: PathBuf) -> anyhow::Result<Self> {
        let feed = JetStreamFeed::new(&attached.connection, attached.identity.clone());
        let head = Position {
            incarnation: feed.incarnation(),
            sequence: feed.head().await?,
        };
        let shown = folder.display().to_string();
        let opened =
            tokio::task::spawn_blocking(move || ViewStore::open(&folder, head, &SystemClock));
        let store = opened.await?.with_context(|| {
            format!(
                "could not open the read models in {shown} (each instance has its own: --views-dir)"
            )
        })?;
        Ok(Self {
            store,
            feed: Arc::new(feed),
            archive: attached.archive.clone(),
        })
    }

    /// The query routes, and the list of stuck orders.
    pub(super) fn routes(&self, patience: Patience) -> axum::Router {
        let queries = Queries::new(
            self.store.clone(),
            self.archive.clone(),
            Arc::new(SystemClock),
        );
        ordertrace_projections::router(queries.clone()).merge(stuck_routes(queries, patience))
    }

    /// Whether the views are level with the log and still follow it.
    pub(super) fn check(&self) -> (&'static str, Check) {
        let store = self.store.clone();
        let check = move || {
            let status = store.status();
            match status.halted {
                Some(halt) => Err(halt.to_string()),
                None if status.head_at_start_reached => Ok(()),
                None => Err(format!("catching up, at {}", status.position)),
            }
        };
        ("views", Arc::new(check))
    }

    /// Starts to follow the log.
    pub(super) fn start(&self, parts: &mut Parts, shutdown: CancellationToken) {
        let projector = Projector::run(self.feed.clone(), self.store.clone(), shutdown);
        parts.start("the projections", projector);
    }
}
