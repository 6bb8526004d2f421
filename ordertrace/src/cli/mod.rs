//! The command line: one binary, a role a subcommand.
//!
//! Every setting has a flag and an environment variable. This module only says what there is; roles do the work.

mod audit;
mod auditor;
mod bench;
mod deployment;
mod filter;
mod login;
mod logs;
mod nats;
mod ops;
mod page;
mod quiet;
mod saga;
mod server;
mod size;
mod verify;
mod witness;
mod wrong;

#[cfg(test)]
mod documented;

use std::{net::SocketAddr, path::PathBuf};

use clap::{
    Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use ordertrace_domain::Currency;

pub(crate) use audit::{
    AuditArgs, AuditCommand, EventFormat, ExportArgs, ExportFormat, LogSourceArgs, ReplayArgs,
    ShowArgs, TailArgs, TailFormat, UrlArgs,
};
pub(crate) use auditor::{AuditKeyArgs, AuditServeArgs, CheckpointArgs, KeygenArgs};
pub(crate) use bench::{
    AppendArgs, BenchArgs, BenchAuditArgs, BenchCommand, HttpArgs, LagArgs, LoadArgs, MeasuredArgs,
    PagesArgs, RebuildBenchArgs, Setup,
};
pub(crate) use deployment::{DoctorArgs, NatsConfigArgs, ProvisionArgs};
pub(crate) use filter::FilterArgs;
pub(crate) use login::{ApiKeyCommand, LoginArgs, TokenSettings};
pub(crate) use logs::{LogArgs, LogFormat, TraceArgs};
pub(crate) use nats::{NatsAccessArgs, NatsArgs};
pub(crate) use ops::{
    BackupArgs, ConfirmArgs, DlqCommand, OpsArgs, OpsCommand, Output, RebuildArgs, RestoreArgs,
    StuckCommand,
};
pub(crate) use page::{PageArgs, UpstreamArgs, is_this_machine};
pub(crate) use saga::{PatienceArgs, ProviderArgs, SagaArgs};
pub(crate) use server::ServerArgs;
pub(crate) use verify::{ProveArgs, ReportFormat, TrustArgs, VerifyArgs};
pub(crate) use witness::WitnessArgs;
pub(crate) use wrong::wrong;

/// An event-sourced order system on NATS JetStream.
///
/// Without a subcommand this is `ordertrace dev`: everything in one process, beside a nats-server of its own, on
/// http://127.0.0.1:8088.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    #[command(flatten)]
    pub(crate) dev: DevArgs,
}

/// Reads the command line. A mistake in it, or a question for help, ends the process.
pub(crate) fn parse() -> Cli {
    let mut matches = hiding_values(Cli::command()).get_matches();
    match Cli::from_arg_matches_mut(&mut matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    }
}

/// The help names variables and does not show what they are set to: an address may have a password in it.
fn hiding_values(command: Command) -> Command {
    command
        .mut_args(|argument| argument.hide_env_values(true))
        .mut_subcommands(hiding_values)
}

/// The word by which a choice is made.
pub(crate) fn word(choice: impl ValueEnum) -> String {
    let word = choice.to_possible_value();
    word.map_or_else(String::new, |word| word.get_name().to_owned())
}

/// What this process does.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Run every role in one process, beside a nats-server of its own (the default)
    Dev(DevArgs),
    /// Take commands over HTTP: place, pay, deliver, cancel
    CommandApi(CommandApiArgs),
    /// Bring every order to an end: ask for payment, send out, compensate
    Saga(SagaRoleArgs),
    /// Build the read models and answer queries over HTTP
    Projections(ProjectionsArgs),
    /// Serve the page for people, over the API of the other roles
    Page(PageArgs),
    /// Play a payment provider that speaks Stripe's API, for development: no money moves
    PaymentSimulator(PaymentSimulatorArgs),
    /// Read the log as an auditor: replay, export, verify, prove; sign checkpoints over it, and witness them
    Audit(AuditArgs),
    /// Look after what needs a person: stuck orders, parked messages, rebuilds, backups
    Ops(OpsArgs),
    /// Fill a log with made-up orders, and measure on it
    Bench(BenchArgs),
}

/// Settings of `dev`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DevArgs {
    /// Where to listen; a loopback address, since everybody who can reach it may do everything
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8088"
    )]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) commands: CommandArgs,
    #[command(flatten)]
    pub(crate) saga: SagaArgs,
    #[command(flatten)]
    pub(crate) provider: ProviderArgs,
    #[command(flatten)]
    pub(crate) checkpoints: CheckpointArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// Settings of `command-api`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommandApiArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8081"
    )]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) exposure: ExposureArgs,
    #[command(flatten)]
    pub(crate) commands: CommandArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// Settings of `saga`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SagaRoleArgs {
    /// Where to listen for health checks, metrics and operators
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8082"
    )]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) exposure: ExposureArgs,
    #[command(flatten)]
    pub(crate) saga: SagaArgs,
    #[command(flatten)]
    pub(crate) provider: ProviderArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// Settings of `projections`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProjectionsArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8083"
    )]
    pub(crate) listen: SocketAddr,
    /// The folder of this instance's read models, which it does not share [default: <DATA_DIR>/views]
    #[arg(long, value_name = "DIR", env = "ORDERTRACE_VIEWS_DIR")]
    pub(crate) views_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    #[command(flatten)]
    pub(crate) exposure: ExposureArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// Settings of `payment-simulator`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PaymentSimulatorArgs {
    /// Where to listen; a loopback address
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8089"
    )]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

/// What every role has to know.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProcessArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

/// Which host names an open API answers to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Exposure")]
pub(crate) struct HostArgs {
    /// A host name to answer to beside localhost, lest a web page elsewhere gets in; other names are refused. A role that listens
    /// beyond this machine also answers to addresses, and without this to any name
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "ORDERTRACE_ALLOWED_HOSTS",
        value_delimiter = ','
    )]
    pub(crate) allowed: Vec<String>,
}

/// Who may reach a role.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Exposure")]
pub(crate) struct ExposureArgs {
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    /// Listen beyond this machine although nobody has to log in: whoever can reach the port may do everything
    #[arg(long, env = "ORDERTRACE_INSECURE_NO_AUTH")]
    pub(crate) insecure_no_auth: bool,
}

/// Where this machine's data is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArgs {
    /// The folder of the log and the read models; other subcommands find a running `dev` by it
    #[arg(
        long,
        value_name = "DIR",
        env = "ORDERTRACE_DATA_DIR",
        default_value = "data"
    )]
    pub(crate) data_dir: PathBuf,
}

/// Terms of new orders.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Orders")]
pub(crate) struct CommandArgs {
    /// The currency of an order that names none (ISO 4217)
    #[arg(long, value_name = "CODE", env = "ORDERTRACE_CURRENCY", default_value = "EUR", value_parser = Currency::parse)]
    pub(crate) currency: Currency,
}
