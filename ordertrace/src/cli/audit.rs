//! What an auditor can ask for.

mod url;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(crate) use url::UrlArgs;

use super::{
    AuditServeArgs, DataArgs, FilterArgs, KeygenArgs, NatsAccessArgs, ProveArgs, VerifyArgs,
    WitnessArgs,
};

/// Settings of `audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Print the events of the log, in its order
    Replay(ReplayArgs),
    /// Print new events as they come
    Tail(TailArgs),
    /// Write events into a file, whole or not at all
    ///
    /// A verifiable export has the stored bytes, ends at the newest checkpoint, and can be checked offline. Without filters it is
    /// read from the log; with filters each event in it needs a proof, and it comes from the `audit` role. The other forms are
    /// what this program has read, and nobody can check them.
    Export(ExportArgs),
    /// Tell what happened to an order, step by step
    Show(ShowArgs),
    /// Have the events of an order proven: that each is in the log that was signed, and that they are all there are
    ///
    /// It asks the `audit` role for a bundle, verifies it, and only then writes it. The bundle needs nothing else: `audit
    /// verify FILE` checks it offline. With --checkpoint it also shows that the log goes on from the one that was kept.
    Prove(ProveArgs),
    /// Check that nothing was changed: in the log, or offline in an export or a bundle
    ///
    /// It shows tampering, and prevents none. Bring along the public key, and a checkpoint that was kept outside (`GET
    /// /audit/checkpoint`): without the key nobody is shown to have signed, and without the checkpoint a whole log that was
    /// replaced by another one may pass. What it has shown, and what it has not, is said at the end.
    ///
    /// Exits with 0 if nothing is wrong; with 3 if something is, and says what, the first bad position first; with 1 if the
    /// file can't be verified (CSV, tables and readable JSON have no proofs in them) or can't show what was asked for; with 4
    /// if the log can't be reached.
    Verify(VerifyArgs),
    /// Sign checkpoints over the log, and answer with proofs over HTTP
    Serve(AuditServeArgs),
    /// Make a key to sign with, and the public key to check its signatures with
    Keygen(KeygenArgs),
    /// Remember how far a log was seen, and cosign the checkpoints that go on from there (C2SP tlog-witness)
    ///
    /// A log can't show two histories to those who demand the cosignature of one witness. It sees checkpoints, never
    /// events, and takes the first one as it is. It is worth as much as it is independent of whoever runs the log.
    Witness(WitnessArgs),
}

/// Where the log is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogSourceArgs {
    /// The NATS servers that hold the log, separated by commas [default: that of the `dev` that runs on the same data
    /// folder]
    #[arg(long, value_name = "URL", env = "NATS_URL")]
    nats_url: Option<String>,
    #[command(flatten)]
    pub(crate) access: NatsAccessArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

impl LogSourceArgs {
    /// The servers, if any are named; an empty variable names none.
    pub(crate) fn nats_url(&self) -> Option<&str> {
        let url = self.nats_url.as_deref().map(str::trim);
        url.filter(|url| !url.is_empty())
    }
}

/// What to print.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// In which form
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: EventFormat,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}

/// What to follow.
#[derive(Debug, Clone, Args)]
pub(crate) struct TailArgs {
    /// Begin with the last N events of the log, or of the order that is asked for, as far as the other filters let them
    /// through
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        conflicts_with = "from_position"
    )]
    pub(crate) last: u64,
    /// In which form
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: TailFormat,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}

/// What to write, and where.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("api-url", |url| url.help("Where the `audit` role answers; asked only for a verifiable export of a part of the log, whose proofs it has")))]
pub(crate) struct ExportArgs {
    /// The file; it is there only once all of it is on the disk
    pub(crate) file: PathBuf,
    /// Replace the file if there is one
    #[arg(long)]
    pub(crate) force: bool,
    /// In which form
    #[arg(long, short, value_name = "FORMAT", default_value = "verifiable")]
    pub(crate) output: ExportFormat,
    #[command(flatten)]
    pub(crate) api: UrlArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}

/// Which order, and when.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// Its order id
    pub(crate) order: String,
    /// As it stood at a time (RFC 3339, by the log's clock) or at a position
    #[arg(long, value_name = "TIME|POSITION")]
    pub(crate) at: Option<String>,
    /// In which form
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: super::Output,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}

/// The form of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventFormat {
    /// For people: a line an event, or several where the terminal is too narrow for that
    Table,
    /// One array of them
    Json,
    /// A JSON object a line, for programs
    Ndjson,
    /// For spreadsheets
    Csv,
}

/// The form of events that never end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFormat {
    /// For people: a line an event, or several where the terminal is too narrow for that
    Table,
    /// A JSON object a line, for programs
    Ndjson,
    /// For spreadsheets
    Csv,
}

/// The form of a file of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The stored bytes, with what it takes to check them offline: `ordertrace audit verify FILE`
    Verifiable,
    /// A JSON object a line, for programs
    Ndjson,
    /// One array of them
    Json,
    /// For spreadsheets; a cell that a spreadsheet would take for a formula begins with an apostrophe
    Csv,
    /// A line an event, for people
    Table,
}
