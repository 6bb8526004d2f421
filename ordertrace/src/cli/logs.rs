//! What the process logs, and how.

use clap::{Args, ValueEnum};

/// What is logged, to the standard error stream.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs of this process")]
pub(crate) struct LogArgs {
    /// How much to log: error, warn, info, debug or trace, for all or for a crate (`info,ordertrace_saga=debug`)
    #[arg(
        long,
        value_name = "FILTER",
        env = "ORDERTRACE_LOG",
        default_value = "info,async_nats=warn"
    )]
    pub(crate) log: String,
    /// For people or for machines
    #[arg(
        long,
        value_name = "FORMAT",
        env = "ORDERTRACE_LOG_FORMAT",
        default_value = "pretty"
    )]
    pub(crate) log_format: LogFormat,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line an entry, for people.
    Pretty,
    /// A JSON object an entry.
    Json,
}
