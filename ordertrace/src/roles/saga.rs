//! `ordertrace saga`: brings every order to an end.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use ordertrace_nats::{JetStreamParking, JetStreamTimers, JetStreamWork};
use ordertrace_saga::{Saga, provider::SimulatedProvider};

use super::{Attached, Parts, announce, attach, unless_stopped};
use crate::{
    cli::{SagaArgs, SagaRoleArgs},
    clock::SystemClock,
    server::{Health, Listener, check_exposure, hosts_for},
    shutdown, telemetry,
};

/// The ledger of the simulated payment provider, in the data folder.
const PROVIDER_JOURNAL: &str = "simulated-payments.journal";

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: SagaRoleArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs)?;
    check_exposure(args.listen, args.exposure.insecure_no_auth)?;
    let listener = Listener::bind(args.listen)?;
    let shutdown = shutdown::on_signal()?;
    let attaching = attach(&args.process, "saga");
    let Some(attached) = unless_stopped(&shutdown, attaching).await? else {
        return Ok(());
    };
    let saga = saga(&attached, &args.saga, &args.process.data.data_dir)?;
    let health = Health::new(vec![attached.check()], shutdown.clone());
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("saga", listener.addr());
    let mut parts = Parts::new(shutdown.clone());
    attached.watch(&mut parts, shutdown.clone());
    parts.start("the saga", saga.run(shutdown.clone()));
    parts.start(
        "the HTTP server",
        listener.serve(health.router(), hosts, shutdown),
    );
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The saga over the log. Payments by card go to the simulated provider.
pub(super) fn saga(attached: &Attached, args: &SagaArgs, data_dir: &Path) -> anyhow::Result<Saga> {
    let journal = data_dir.join(PROVIDER_JOURNAL);
    std::fs::create_dir_all(data_dir)
        .and_then(|()| SimulatedProvider::with_journal(&journal))
        .map(|provider| Saga {
            executor: attached.executor.clone(),
            queue: Arc::new(JetStreamWork::new(
                &attached.connection,
                attached.identity.clone(),
            )),
            timers: Arc::new(JetStreamTimers::new(&attached.connection)),
            parking: Arc::new(JetStreamParking::new(&attached.connection)),
            provider: Arc::new(provider),
            clock: Arc::new(SystemClock),
            policy: args.policy(),
        })
        .with_context(|| format!("could not open {}", journal.display()))
}
