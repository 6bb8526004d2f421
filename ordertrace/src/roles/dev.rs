//! `ordertrace dev`: every role in one process, beside a nats-server of its own.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    sync::Arc,
};

use anyhow::bail;
use axum::Extension;
use ordertrace_http::Principal;
use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_saga::provider::Guarded;
use tokio_util::sync::CancellationToken;

use super::{
    Parts, attach_to,
    audit::{self, Audited},
    command_api, keys,
    payment_simulator::PaymentSimulator,
    projections::Views,
    provider,
    saga::Fulfilment,
    unless_stopped,
};
use crate::{
    cli::DevArgs,
    metrics::Metrics,
    openapi,
    server::{Health, Hosts, Listener, Login, index},
    shutdown::{self, Stop},
    telemetry,
};

/// Runs everything until it is told to stop.
pub(crate) async fn run(args: DevArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "dev")?;
    let metrics = Metrics::install()?;
    if !args.listen.ip().is_loopback() {
        bail!(
            "dev is open to everybody who can reach it, so it listens on this machine only: {} is no loopback address",
            args.listen
        );
    }
    let listener = Listener::bind(args.listen)?.with_pages();
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let Some(nats) = Nats::start(&args, &stop.leaving).await? else {
        return Ok(());
    };
    let result = serve(&args, listener, &nats, &metrics, stop).await;
    if let Some(server) = nats.server {
        server.stop().await;
    }
    result
}

async fn serve(
    args: &DevArgs,
    listener: Listener,
    nats: &Nats,
    metrics: &Metrics,
    stop: Stop,
) -> anyhow::Result<()> {
    let attaching = attach_to(&nats.url, &nats.monitor_urls, &args.process.nats, "dev");
    let Some(attached) = unless_stopped(&stop.leaving, attaching).await? else {
        return Ok(());
    };
    let Provider {
        provider,
        simulator,
    } = Provider::of(args).await?;
    let fulfilment = Fulfilment::new(&attached, &args.saga, provider);
    let views = Views::open_in(&attached, &args.process.data.data_dir).await?;
    let signed_for_as = audit::signed_for_as(&attached).await?;
    let (key, public_key) = keys::of_dev(&args.process.data.data_dir, signed_for_as.as_deref())?;
    let settings = audit::signing(key, &args.checkpoints)?;
    let audited = Audited::open_in(&attached, &args.process.data.data_dir, settings).await?;
    // An audit that has stopped is told by its own status and by the log; orders go on.
    let health = Health::new(
        vec![attached.check(), views.check()],
        args.server.wedged_after,
        stop.leaving.clone(),
    );
    let health = health.and_pulses([views.pulse(), fulfilment.pulse()]);
    let api = command_api::routes(&attached, &args.commands)
        .merge(views.routes(
            args.saga.patience.patience(),
            args.server.streams(),
            stop.closing.clone(),
        ))
        .merge(fulfilment.routes())
        .merge(audited.routes(stop.closing.clone()))
        .merge(metrics.api(&health))
        .merge(health.api());
    let api = openapi::served(api);
    let page =
        ordertrace_web::router(index().merge(api.clone().layer(Extension(Principal::open()))));
    let routes = api.merge(page);
    tracing::info!(
        "nobody has to log in: whoever can reach this machine's own address may do everything"
    );
    greet(listener.addr(), nats, simulator.as_ref(), &public_key);
    let hosts = Hosts::local_and(&args.hosts.allowed);
    let mut parts = Parts::new(stop.clone());
    attached.watch(&mut parts, stop.ending.clone());
    views.start(
        &mut parts,
        args.saga.patience.patience(),
        stop.ending.clone(),
    );
    audited.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    fulfilment.start(&mut parts, stop.ending.clone());
    if let Some(simulator) = simulator {
        simulator.start(&mut parts, stop.ending.clone());
    }
    parts.serve(listener.serve(routes, hosts, Login::open(), args.server.clone(), stop));
    let result = tokio::select! {
        result = parts.run() => result,
        error = nats.gone() => Err(error),
    };
    attached.connection.drain().await;
    result
}

/// The payment provider that `dev` uses: a simulator of its own, unless one is named.
struct Provider {
    provider: Arc<Guarded>,
    simulator: Option<PaymentSimulator>,
}

impl Provider {
    async fn of(args: &DevArgs) -> anyhow::Result<Self> {
        if let Some(url) = args.provider.url() {
            return Ok(Self {
                provider: provider::configured(&args.provider, url)?,
                simulator: None,
            });
        }
        let simulator = PaymentSimulator::bind_as_before(&args.process.data.data_dir).await?;
        Ok(Self {
            provider: provider::simulated(&args.provider, &simulator.url())?,
            simulator: Some(simulator),
        })
    }
}

/// The NATS that `dev` uses: one of its own, unless another is named.
struct Nats {
    url: String,
    monitor_urls: Vec<String>,
    server: Option<ManagedServer>,
}

impl Nats {
    /// `None` when the process was told to stop meanwhile.
    async fn start(args: &DevArgs, shutdown: &CancellationToken) -> anyhow::Result<Option<Self>> {
        if let Some(url) = args.process.nats.url() {
            return Ok(Some(Self {
                url: url.to_owned(),
                monitor_urls: args.process.nats.monitor_urls(),
                server: None,
            }));
        }
        let starting = ManagedServer::start(StartOptions::new(&args.process.data.data_dir));
        let Some(server) = unless_stopped(shutdown, starting).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            url: server.client_url().to_owned(),
            monitor_urls: vec![server.monitor_url().to_owned()],
            server: Some(server),
        }))
    }

    /// Waits for the server of our own to be given up, after it died too often.
    async fn gone(&self) -> anyhow::Error {
        match &self.server {
            Some(server) => anyhow::Error::from(server.stopped().await),
            None => std::future::pending().await,
        }
    }
}

/// Says where everything is, and what to try first. This is the program's output; everything else is its log.
fn greet(addr: SocketAddr, nats: &Nats, simulator: Option<&PaymentSimulator>, public_key: &Path) {
    let payments = simulator.map_or_else(
        || "a provider elsewhere".to_owned(),
        |simulator| format!("{} (simulated: no money moves)", simulator.url()),
    );
    let store = match &nats.server {
        Some(server) => format!("{}, each write synced", server.store_dir().display()),
        None => "elsewhere".to_owned(),
    };
    let written = writeln!(
        io::stdout(),
        "Ordertrace runs.\n\
         \n  Page     http://{addr}/\
         \n  API      http://{addr}\
         \n  Health   http://{addr}/readyz\
         \n  NATS     {} (store: {store})\
         \n  Cards    {payments}\
         \n  Audit    http://{addr}/audit/checkpoint (public key: {})\n\
         \nPlace an order:\n\
         \n  curl -i http://{addr}/orders --json '{{\"productId\":1,\"qty\":1,\"paymentType\":\"cash\",\"cost\":1000,\"productName\":\"Coffee\"}}'\n\
         \nand see what became of it:\n\
         \n  curl http://{addr}/orderTraces\n\
         \nCtrl-C stops; the next start goes on from here.\n",
        nats.url,
        public_key.display()
    );
    if let Err(error) = written {
        tracing::debug!(%error, "nobody reads the standard output");
    }
}
