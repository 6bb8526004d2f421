//! What can be measured, and what has to be there to measure it on.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{LogArgs, LogSourceArgs, Output, ProcessArgs, audit::UrlArgs};

/// Settings of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) command: BenchCommand,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Store events by our path and by plain publishes, on servers of its own
    Append(AppendArgs),
    /// Place orders and look at them over HTTP, by wrk, on servers and roles of its own
    Http(HttpArgs),
    /// See how long after its acknowledgement an order is in the view, on servers and roles of its own
    Lag(LagArgs),
    /// Build the views of a log anew, on servers and roles of its own
    Rebuild(RebuildBenchArgs),
    /// Fill an empty log with made-up orders, by the path that real ones take
    Load(LoadArgs),
    /// Time the pages of filtered lists of a running server
    Pages(PagesArgs),
    /// Time exports, their verification and proofs on the log of a running server
    Audit(BenchAuditArgs),
}

/// What to append, and on what.
#[derive(Debug, Clone, Args)]
pub(crate) struct AppendArgs {
    /// The servers to measure on; may be given several times, and is all of them if it is not
    #[arg(long = "on", value_name = "SERVERS")]
    pub(crate) setups: Vec<Setup>,
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
}

/// How the requests are measured.
#[derive(Debug, Clone, Args)]
pub(crate) struct HttpArgs {
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

/// How many orders are placed meanwhile.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("secs", |secs| secs.default_value("60")), mut_arg("runs", |runs| runs.default_value("1")))]
pub(crate) struct LagArgs {
    /// How many a second
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
}

/// How large the log is.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("secs", |secs| secs.hide(true)))]
pub(crate) struct RebuildBenchArgs {
    /// How many orders it has, of seven events each
    #[arg(long, value_name = "N", default_value_t = 143_500, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) orders: u64,
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
}

/// How a bench with servers of its own is run.
#[derive(Debug, Clone, Args)]
pub(crate) struct MeasuredArgs {
    /// How often each is run; the figure is the median
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// How long one run takes, about, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) secs: u32,
    /// Where the servers keep their logs meanwhile: a folder on the disk that is to be measured
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) scratch_dir: PathBuf,
    /// A table, or a JSON object a figure
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Output,
}

/// Servers that a bench starts for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Setup {
    /// One server that syncs each write, as `dev` has it
    R1Always,
    /// One server that syncs when it likes: acknowledged orders can be lost
    R1Default,
    /// Three servers that sync each write, as in production
    R3Always,
}

/// What to fill the log with.
#[derive(Debug, Clone, Args)]
pub(crate) struct LoadArgs {
    /// How many orders; one in a hundred of them stays open
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) orders: u64,
    /// Which orders: the same seed makes the same ones, and a load that was broken off goes on where it was
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Load into a log that is not empty; the saga then looks at each of the events
    #[arg(long)]
    pub(crate) append: bool,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// What to ask for, and how often.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("api-url", |url| url.help("Where the queries are answered")))]
pub(crate) struct PagesArgs {
    #[command(flatten)]
    pub(crate) api: UrlArgs,
    /// How many pages of each list one run asks for
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(100..))]
    pub(crate) requests: u32,
    /// How often each list is run through; the figure is the median
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// How the servers behind it stand, for the record
    #[arg(long, value_name = "TEXT", default_value = "dev, R1")]
    pub(crate) topology: String,
    /// A table, or a JSON object a figure
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Output,
}

/// What to read, and how often.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("api-url", |url| url.help("Where the `audit` role answers")))]
pub(crate) struct BenchAuditArgs {
    #[command(flatten)]
    pub(crate) api: UrlArgs,
    /// How many proofs of each kind one run asks for
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(100..))]
    pub(crate) requests: u32,
    /// How often everything is done; the figure is the median
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// How the servers behind it stand, for the record
    #[arg(long, value_name = "TEXT", default_value = "dev, R1")]
    pub(crate) topology: String,
    /// A table, or a JSON object a figure
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}
