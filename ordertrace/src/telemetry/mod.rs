//! What a process tells of its work while it does it: logs, on the standard error stream, and traces, to a collector.
//!
//! Invariant: neither ever holds up the work. Log lines that belong to a request or to an event carry the trace's id, with a
//! collector and without one. What is counted is [`crate::metrics`]' business.

mod collector;
mod export;
mod requests;

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::cli::{LogArgs, LogFormat};

pub(crate) use export::flush;
pub(crate) use requests::traced;

/// The part of the client of NATS that connects.
const CONNECTOR: [&str; 2] = ["async_nats", "connector"];

/// Begins to log, and to export spans if a collector is named. `role` is what this process is, to the collector.
pub(crate) fn init(logs: &LogArgs, role: &'static str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&logs.log)
        .with_context(|| format!("--log {:?} is no filter", logs.log))?;
    let lines = fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let lines = match logs.log_format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Without a hint of its own it would take that of the other away, and each line of a library's that is too low to be
    // logged would be made, and then thrown away.
    let fit_to_be_read = filter_fn(is_fit_to_be_read).with_max_level_hint(LevelFilter::TRACE);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.and(fit_to_be_read)))
        .with(export::layer(&logs.traces, role)?)
        .try_init()
        .context("logging could not be set up")
}

/// Whether a line may be read by whoever reads logs. At `debug` the client of NATS tells with which password it connects.
fn is_fit_to_be_read(line: &Metadata<'_>) -> bool {
    let is_connector = line.target().split("::").take(2).eq(CONNECTOR);
    !is_connector || *line.level() <= Level::INFO
}
