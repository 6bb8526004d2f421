//! `ordertrace payment-simulator`: a payment provider that moves no money. `dev` has one of its own.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use ordertrace_saga::simulator::Simulator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Parts, announce};
use crate::{cli::PaymentSimulatorArgs, shutdown, telemetry};

/// The simulator's ledger, in the data folder.
const JOURNAL: &str = "simulated-payments.journal";

/// Where the simulator of a running `dev` listens, in the data folder.
const ADDR_NOTE: &str = "payment-simulator.addr";

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: PaymentSimulatorArgs) -> anyhow::Result<()> {
    telemetry::init(&args.logs, "payment-simulator")?;
    if !args.listen.ip().is_loopback() {
        bail!(
            "anybody can charge anybody at the simulator, so it listens on this machine only: {} is no loopback address",
            args.listen
        );
    }
    let stop = shutdown::on_signal_with(Duration::ZERO)?;
    let simulator = PaymentSimulator::bind(args.listen, &args.data.data_dir).await?;
    announce("payment-simulator", simulator.addr);
    let mut parts = Parts::new(stop.clone());
    simulator.start(&mut parts, stop.ending);
    parts.run().await
}

/// A simulator that is about to run.
pub(super) struct PaymentSimulator {
    simulator: Simulator,
    listener: TcpListener,
    addr: SocketAddr,
}

impl PaymentSimulator {
    async fn bind(addr: SocketAddr, data_dir: &Path) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("could not listen on {addr}"))?;
        Self::on(listener, data_dir)
    }

    /// One for this machine, at the address of the last start if nobody has taken it: a `saga` that shares the data folder
    /// finds it again.
    pub(super) async fn bind_as_before(data_dir: &Path) -> anyhow::Result<Self> {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let last = noted_addr(data_dir);
        let listener = match TcpListener::bind(last.unwrap_or(free)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind(free).await?,
        };
        let simulator = Self::on(listener, data_dir)?;
        let note = note(data_dir);
        fs::write(&note, simulator.addr.to_string())
            .with_context(|| format!("could not write {}", note.display()))?;
        Ok(simulator)
    }

    fn on(listener: TcpListener, data_dir: &Path) -> anyhow::Result<Self> {
        let journal = data_dir.join(JOURNAL);
        let simulator = fs::create_dir_all(data_dir)
            .and_then(|()| Simulator::with_journal(&journal))
            .with_context(|| format!("could not open {}", journal.display()))?;
        Ok(Self {
            addr: listener.local_addr()?,
            simulator,
            listener,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(super) fn start(self, parts: &mut Parts, shutdown: CancellationToken) {
        let served = self.simulator.serve(self.listener, shutdown);
        parts.start("the payment simulator", served);
    }
}

/// Where the simulator of the `dev` on this data folder listens, or did when it last ran: on this machine, or nowhere.
pub(super) fn noted_addr(data_dir: &Path) -> Option<SocketAddr> {
    let noted = fs::read_to_string(note(data_dir)).ok()?;
    let addr: SocketAddr = noted.trim().parse().ok()?;
    addr.ip().is_loopback().then_some(addr)
}

fn note(data_dir: &Path) -> PathBuf {
    data_dir.join(ADDR_NOTE)
}
