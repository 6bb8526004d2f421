//! Logs, on the standard error stream.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogArgs, LogFormat};

/// Begins to log.
pub(crate) fn init(logs: &LogArgs) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&logs.log)
        .with_context(|| format!("--log {:?} is no filter", logs.log))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let result = match logs.log_format {
        LogFormat::Pretty => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    result.map_err(|error| anyhow::anyhow!("logging could not be set up: {error}"))
}
