//! `ordertrace projections`: the read models and the queries on them.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use futures::FutureExt as _;
use ordertrace_domain::{EventArchive, EventFeed, Patience, Position};
use ordertrace_http::openapi::ApiRouter;
use ordertrace_nats::JetStreamFeed;
use ordertrace_projections::{
    Gauges, Projector, Queries, Rebuilder, Rebuilds, StreamLimits, ViewStore, live_api, stuck_api,
    view_api,
};
use tokio_util::sync::CancellationToken;

use super::{Attached, Parts, announce, attach, pulsed::Pulsed, unless_stopped};
use crate::{
    cli::ProjectionsArgs,
    clock::SystemClock,
    metrics::Metrics,
    openapi,
    server::{Check, Health, Listener, Pulse, hosts_for, login_for},
    shutdown, telemetry,
};

/// The folder of the read models, in the data folder.
const VIEWS_FOLDER: &str = "views";

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: ProjectionsArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "projections")?;
    let login = login_for(args.listen, &args.exposure)?;
    let listener = Listener::bind(args.listen)?;
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let attaching = attach(&args.process, "projections");
    let Some(attached) = unless_stopped(&stop.leaving, attaching).await? else {
        return Ok(());
    };
    let folder = args
        .views_dir
        .unwrap_or_else(|| args.process.data.data_dir.join(VIEWS_FOLDER));
    let views = Views::open(&attached, folder).await?;
    let checks = vec![attached.check(), views.check(), login.check()];
    let health = Health::new(checks, args.server.wedged_after, stop.leaving.clone())
        .and_pulses([views.pulse()]);
    let api = views
        .routes(
            args.patience.patience(),
            args.server.streams(),
            stop.closing.clone(),
        )
        .merge(metrics.api(&health))
        .merge(health.api());
    let routes = openapi::served(api);
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("projections", listener.addr());
    let mut parts = Parts::new(stop.clone());
    attached.watch(&mut parts, stop.ending.clone());
    views.start(&mut parts, args.patience.patience(), stop.ending.clone());
    login.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(routes, hosts, login, args.server, stop));
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The read models of this process.
pub(super) struct Views {
    store: ViewStore,
    feed: Arc<dyn EventFeed>,
    archive: Arc<dyn EventArchive>,
    rebuilds: Rebuilds,
    rebuilder: Rebuilder,
    pulse: Pulse,
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
        let feed: Arc<dyn EventFeed> = Arc::new(feed);
        let clock = Arc::new(SystemClock);
        let (rebuilds, rebuilder) = Rebuilds::new(store.clone(), feed.clone(), clock);
        Ok(Self {
            store,
            feed,
            archive: attached.archive.clone(),
            rebuilds,
            rebuilder,
            pulse: Pulse::default(),
        })
    }

    /// The query routes, the live streams until `closing`, the list of stuck orders, and how the views themselves are doing.
    pub(super) fn routes(
        &self,
        patience: Patience,
        streams: StreamLimits,
        closing: CancellationToken,
    ) -> ApiRouter {
        let queries = Queries::new(
            self.store.clone(),
            self.archive.clone(),
            Arc::new(SystemClock),
        );
        ordertrace_projections::api(queries.clone())
            .merge(live_api(
                queries.clone(),
                self.feed.clone(),
                streams,
                closing,
            ))
            .merge(stuck_api(queries, patience))
            .merge(view_api(
                self.store.clone(),
                self.feed.clone(),
                self.rebuilds.clone(),
            ))
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

    /// Whether the views come for what the log has.
    pub(super) fn pulse(&self) -> (&'static str, Pulse) {
        ("views", self.pulse.clone())
    }

    /// Starts to follow the log, and to rebuild the views when that is asked for.
    pub(super) fn start(self, parts: &mut Parts, patience: Patience, shutdown: CancellationToken) {
        let gauges = Gauges {
            store: self.store.clone(),
            feed: self.feed.clone(),
            rebuilds: self.rebuilds,
            clock: Arc::new(SystemClock),
            patience,
        };
        let watching = gauges.watch(shutdown.clone());
        parts.start("the gauges of the views", watching.map(anyhow::Ok));
        let feed = Pulsed::new(self.feed, &self.pulse);
        let projector = Projector::run(feed, self.store, shutdown.clone());
        parts.start("the projections", projector);
        parts.start("the rebuilds", self.rebuilder.run(shutdown));
    }
}
