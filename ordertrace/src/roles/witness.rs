//! `ordertrace audit witness`: remembers how far it has seen a log, and cosigns what goes on from there.
//!
//! It needs neither NATS nor the log, and is best run by somebody else, on a machine that the log's operator can't reach:
//! what it says counts as much as its independence.

use std::sync::Arc;

use ordertrace_audit::KeyUse;
use ordertrace_auditor::{Witness, witness_routes};

use super::{Parts, announce, audit::read_key};
use crate::{
    cli::WitnessArgs,
    clock::SystemClock,
    metrics::Metrics,
    openapi,
    server::{Check, Health, Listener, hosts_for},
    shutdown, telemetry,
};

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: WitnessArgs) -> anyhow::Result<()> {
    telemetry::init(&args.logs)?;
    let listener = Listener::bind(args.listen)?;
    let shutdown = shutdown::on_signal()?;
    let metrics = Metrics::install()?;
    let key = read_key(&args.key_file, KeyUse::Witness)?;
    let witness = Witness::open(&args.state, key, args.log_keys, Arc::new(SystemClock))?;
    let health = Health::new(vec![("memory", check(&witness))], shutdown.clone());
    let own = openapi::served(metrics.api().merge(health.api()));
    let routes = own.merge(witness_routes(witness));
    let hosts = hosts_for(listener.addr(), &args.hosts);
    announce("audit witness", listener.addr());
    let mut parts = Parts::new(shutdown.clone());
    metrics.start(&mut parts, shutdown.clone());
    parts.start("the HTTP server", listener.serve(routes, hosts, shutdown));
    parts.run().await
}

fn check(witness: &Witness) -> Check {
    let witness = witness.clone();
    Arc::new(move || witness.check())
}
