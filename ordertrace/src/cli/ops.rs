//! What an operator can ask for. Whatever changes something is a dry run unless `--yes`.

use std::path::PathBuf;

use clap::{Arg, Args, Subcommand, ValueEnum};

use super::{
    ApiKeyCommand, DataArgs, DoctorArgs, NatsArgs, NatsConfigArgs, ProvisionArgs, TrustArgs,
    UrlArgs,
};

/// Settings of `ops`.
#[derive(Debug, Args)]
#[command(mut_arg("api-url", |url| url.help("Where the API is; `dev` serves all of it, else `projections` has `views`, `rebuild` and `stuck list`, and `saga` the rest")))]
pub(crate) struct OpsArgs {
    #[command(flatten)]
    pub(crate) api: UrlArgs,
    /// In which form to print the answer
    #[arg(
        long,
        short,
        global = true,
        value_name = "FORMAT",
        default_value = "table"
    )]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: OpsCommand,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Columns, for people
    Table,
    /// The API's own JSON, for programs
    Json,
}

/// What to look after.
#[derive(Debug, Subcommand)]
pub(crate) enum OpsCommand {
    /// Messages that could not be read or handled, and were parked
    #[command(subcommand)]
    Dlq(DlqCommand),
    /// Orders that may not go on by themselves
    #[command(subcommand)]
    Stuck(StuckCommand),
    /// How the payment provider is doing: its circuit breaker
    Provider,
    /// How the read models are doing: where they stand, how far behind, their digest
    Views,
    /// Build the read models anew beside those that answer, compare both, and switch if they are equal
    ///
    /// Exits with 0 if both are equal, or the new ones answer now; with 3 if they differ and those that answered are kept.
    Rebuild(RebuildArgs),
    /// Copy the log, and all that belongs to it, into a folder; orders go on meanwhile
    ///
    /// It goes to NATS itself and not over the API: it takes the servers that are named, or those of the `dev` that runs on
    /// the data folder. Its user has to be an operator's.
    #[command(args = no_api())]
    Backup(BackupArgs),
    /// Put a backup back where there is no log: on the servers that are named, or for `dev` into the data folder
    ///
    /// Like `backup`, it goes to NATS itself. No role may run meanwhile. The files are compared with their SHA-256 before
    /// anything is made; the log is verified before it is served, as `audit verify` does: with `--key` against who has signed
    /// it, with `--checkpoint` against its past. Without these it is shown that it is whole, and not whose it is. If it is cut off, no role starts on what is left; remove
    /// that first, with `nats stream rm` for each of the streams (for `dev`, the folder `nats` of the data folder).
    ///
    /// Exits with 0 if the log is restored, or could be; with 3 if the backup was changed or the log is not what it was; with
    /// 4 if nobody answers.
    #[command(args = no_api())]
    Restore(RestoreArgs),
    /// The API keys that the roles let in
    #[command(subcommand, args = no_api())]
    Apikey(ApiKeyCommand),
    /// Make the streams and consumers that are missing, for roles whose users may not
    #[command(args = no_api())]
    Provision(ProvisionArgs),
    /// Write the configuration of NATS servers for production: one user a role, with no more than it needs
    ///
    /// It speaks to no server, and overwrites nothing. docs/nats-security.md says what the users may do.
    #[command(args = no_api())]
    NatsConfig(NatsConfigArgs),
    /// Look a deployment over: what would lose orders, let in who should not be, or keep a role from starting
    ///
    /// Nothing is changed. The servers are asked at --nats-monitor-url, all of them, or over NATS as far as the user may.
    /// Exits with 0 if nothing is to be mended, with 1 if something is, with 4 if nobody answers.
    #[command(args = no_api())]
    Doctor(DoctorArgs),
}

/// Stands where `--url` and `--token-file` would come down to from `ops`, so that the help of what does not ask the API is silent about it.
fn no_api() -> [Arg; 2] {
    [("api-url", "url"), ("api-token-file", "token-file")]
        .map(|(id, long)| Arg::new(id).long(long).hide(true))
}

/// Where a backup goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// A new folder, or an empty one
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What to restore, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of the backup
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Serve the log although it was found not to be sound: for one that was not when it was backed up
    #[arg(long, requires = "yes")]
    pub(crate) despite_mismatch: bool,
    #[command(flatten)]
    pub(crate) confirm: ConfirmArgs,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// What to do with parked messages.
#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    /// List them, the oldest first
    List {
        /// Those that wait for somebody, those that were settled, or all
        #[arg(long, default_value = "waiting")]
        status: LetterStatus,
        #[command(flatten)]
        limit: LimitArgs,
    },
    /// Show one
    Show {
        /// Its id, such as saga.17
        id: String,
    },
    /// Have the orders of these messages tried again: each is read from the log anew
    Retry {
        /// Their ids, such as saga.17
        #[arg(required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Record that these messages are not to be handled any more; they stay on record
    Discard {
        /// Their ids, such as saga.17
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why: it is recorded
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

/// Which parked messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LetterStatus {
    /// Nobody has decided on them yet
    Waiting,
    /// Their orders were tried again
    Retried,
    /// They are not to be handled any more
    Discarded,
    /// All of them
    All,
}

impl LetterStatus {
    /// The word of the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Retried => "retried",
            Self::Discarded => "discarded",
            Self::All => "all",
        }
    }
}

/// What to do with stuck orders.
#[derive(Debug, Subcommand)]
pub(crate) enum StuckCommand {
    /// List them, the oldest first
    List {
        /// Only those that are stuck for this reason, such as payment_unknown
        #[arg(long, value_name = "REASON")]
        reason: Option<String>,
        #[command(flatten)]
        limit: LimitArgs,
    },
    /// Show one: what happened, and what to do
    Show {
        /// Its order id
        order: String,
    },
    /// Have the saga try these orders again
    Resume {
        /// Their order ids
        #[arg(required = true)]
        orders: Vec<String>,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

/// What to do about the read models.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct RebuildArgs {
    /// Only compare: those that answer are kept in any case
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Switch though both differ; where the program has a new revision of them, that is done without being told
    #[arg(long)]
    pub(crate) yes: bool,
    /// Begin nothing: watch the rebuild that is under way, or show the last one
    #[arg(long, conflicts_with_all = ["dry_run", "yes"])]
    pub(crate) watch: bool,
}

/// How many to list.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LimitArgs {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// Whether it is meant.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ConfirmArgs {
    /// Do it; without this the command only says what it would do
    #[arg(long)]
    pub(crate) yes: bool,
}
