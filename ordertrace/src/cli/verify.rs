//! What to verify, against what, and what to ask a proof of.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{LogSourceArgs, audit::UrlArgs};

/// What a verifier brings along. It has to come from elsewhere than what is verified, or it shows nothing.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArgs {
    /// The log's public key, or a file with it; may be given more than once, for a log whose key was changed. Without it
    /// only integrity is checked, and not who has signed
    #[arg(long, value_name = "VKEY|FILE")]
    pub(crate) key: Vec<String>,
    /// A checkpoint that was kept since earlier, outside: the log has to go on from it
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// The public key of a witness that has to have cosigned, or a file with it; may be given more than once
    #[arg(long, value_name = "VKEY|FILE")]
    pub(crate) witness: Vec<String>,
}

/// What to verify.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    /// A verifiable export, a bundle or a checkpoint, verified offline; `-` is the standard input [default: the log itself,
    /// with its checkpoints]
    pub(crate) file: Option<PathBuf>,
    /// In which form
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: ReportFormat,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) source: LogSourceArgs,
}

/// The form of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A line a fact, for people
    Table,
    /// JSON, for programs
    Json,
}

/// What to prove, and where the proof goes.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("api-url", |url| url.help("Where the `audit` role answers, which has the proofs")))]
pub(crate) struct ProveArgs {
    /// The order id
    pub(crate) order: String,
    /// The file; it is there only once all of it is verified and on the disk. `-` is the standard output [default:
    /// ORDER.bundle.json]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) api: UrlArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}
