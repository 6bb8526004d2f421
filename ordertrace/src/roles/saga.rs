//! `ordertrace saga`: brings every order to an end, and serves those who look after the ones that can't.

use std::sync::Arc;

use anyhow::bail;
use futures::FutureExt as _;
use ordertrace_domain::Clock;
use ordertrace_http::openapi::ApiRouter;
use ordertrace_nats::{JetStreamParking, JetStreamTimers, JetStreamWork};
use ordertrace_saga::{Ops, Saga, provider::Guarded};
use tokio_util::sync::CancellationToken;

use super::{
    Attached, Parts, announce, attach, payment_simulator::noted_addr, provider, pulsed::Pulsed,
    unless_stopped,
};
use crate::{
    cli::{ProcessArgs, ProviderArgs, SagaArgs, SagaRoleArgs},
    clock::SystemClock,
    metrics::Metrics,
    openapi,
    server::{Health, Listener, Pulse, hosts_for, login_for},
    shutdown, telemetry,
};

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: SagaRoleArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "saga")?;
    let login = login_for(args.listen, &args.exposure)?;
    let listener = Listener::bind(args.listen)?;
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let url = args.provider.url();
    let named = url.map(|url| provider::configured(&args.provider, url));
    let named = named.transpose()?;
    let attaching = attach(&args.process, "saga");
    let Some(attached) = unless_stopped(&stop.leaving, attaching).await? else {
        return Ok(());
    };
    let provider = match named {
        Some(provider) => provider,
        None => simulators(&args.provider, &args.process)?,
    };
    let fulfilment = Fulfilment::new(&attached, &args.saga, provider);
    let health = Health::new(
        vec![attached.check(), login.check()],
        args.server.wedged_after,
        stop.leaving.clone(),
    );
    let health = health.and_pulses([fulfilment.pulse()]);
    let api = fulfilment.routes().merge(metrics.api(&health));
    let routes = openapi::served(api.merge(health.api()));
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("saga", listener.addr());
    let mut parts = Parts::new(stop.clone());
    attached.watch(&mut parts, stop.ending.clone());
    login.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    fulfilment.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(routes, hosts, login, args.server, stop));
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The simulator of the `dev` on the same data folder.
fn simulators(args: &ProviderArgs, process: &ProcessArgs) -> anyhow::Result<Arc<Guarded>> {
    let is_beside_dev = process.nats.url().is_none();
    match noted_addr(&process.data.data_dir).filter(|_| is_beside_dev) {
        Some(addr) => provider::simulated(args, &format!("http://{addr}")),
        None => bail!(
            "no payment provider: --payment-provider-url names none; `ordertrace payment-simulator` runs one for development"
        ),
    }
}

/// The saga with its ports, and what an operator needs of them.
pub(super) struct Fulfilment {
    saga: Saga,
    ops: Ops,
    provider: Arc<Guarded>,
    pulse: Pulse,
}

impl Fulfilment {
    /// The saga over the log.
    pub(super) fn new(attached: &Attached, args: &SagaArgs, provider: Arc<Guarded>) -> Self {
        let timers = Arc::new(JetStreamTimers::new(&attached.connection));
        let parking = Arc::new(JetStreamParking::new(&attached.connection));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let work = JetStreamWork::new(&attached.connection, attached.identity.clone());
        let work = Arc::new(work);
        let policy = args.policy();
        let pulse = Pulse::default();
        Self {
            ops: Ops {
                dead_letters: parking.clone(),
                backlogs: work.clone(),
                timers: timers.clone(),
                log: Arc::clone(attached.executor.log()),
                clock: clock.clone(),
                policy: policy.clone(),
            },
            saga: Saga {
                executor: attached.executor.clone(),
                queue: Pulsed::new(work, &pulse),
                timers,
                parking,
                provider: provider.clone(),
                clock,
                policy,
            },
            provider,
            pulse,
        }
    }

    /// Whether the saga comes for its work.
    pub(super) fn pulse(&self) -> (&'static str, Pulse) {
        ("saga", self.pulse.clone())
    }

    /// The routes for operators.
    pub(super) fn routes(&self) -> ApiRouter {
        ordertrace_saga::api(self.ops.clone()).merge(provider::api(&self.provider))
    }

    /// Starts the saga.
    pub(super) fn start(self, parts: &mut Parts, shutdown: CancellationToken) {
        let watching = self.ops.watch(shutdown.clone());
        parts.start("the gauges of the saga", watching.map(anyhow::Ok));
        parts.start("the saga", self.saga.run(shutdown));
    }
}
