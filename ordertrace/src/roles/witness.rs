//! `ordertrace audit witness`: remembers how far it has seen a log, and cosigns what goes on from there.
//!
//! It needs neither NATS nor the log, and is best run by somebody else, on a machine that the log's operator can't reach:
//! what it says counts as much as its independence.

use std::sync::Arc;

use ordertrace_audit::KeyUse;
use ordertrace_auditor::{Witness, witness_routes};

use super::{Parts, announce, audit::given_key};
use crate::{
    audit::public_keys,
    cli::WitnessArgs,
    clock::SystemClock,
    metrics::Metrics,
    openapi,
    server::{Check, Health, Listener, Login, hosts_for},
    shutdown, telemetry,
};

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: WitnessArgs) -> anyhow::Result<()> {
    telemetry::init(&args.logs, "witness")?;
    let log_keys = public_keys("--log-key", &args.log_keys, KeyUse::Log)?;
    let key = given_key("--key-file", &args.key_file, KeyUse::Witness)?;
    let listener = Listener::bind(args.listen)?;
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let witness = Witness::open(&args.state, key, log_keys, Arc::new(SystemClock))?;
    let health = Health::new(
        vec![("memory", check(&witness))],
        args.server.wedged_after,
        stop.leaving.clone(),
    );
    let own = openapi::served(metrics.api(&health).merge(health.api()));
    let routes = own.merge(witness_routes(witness));
    let hosts = hosts_for(listener.addr(), &args.hosts);
    announce("audit witness", listener.addr());
    let mut parts = Parts::new(stop.clone());
    metrics.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(routes, hosts, Login::open(), args.server, stop));
    parts.run().await
}

fn check(witness: &Witness) -> Check {
    let witness = witness.clone();
    Arc::new(move || witness.check())
}
