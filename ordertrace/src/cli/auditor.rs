//! The `audit` role: what it signs with, and when.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use ordertrace_auditor::SigningPolicy;

use super::{ExposureArgs, ProcessArgs, ServerArgs, saga::duration, witness::WitnessesArgs};

/// Settings of `audit serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct AuditServeArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8084"
    )]
    pub(crate) listen: SocketAddr,
    /// The folder of this instance's trees, which it does not share; it follows from the log [default: <DATA_DIR>/audit]
    #[arg(long, value_name = "DIR", env = "ORDERTRACE_AUDIT_DIR")]
    pub(crate) audit_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: AuditKeyArgs,
    #[command(flatten)]
    pub(crate) checkpoints: CheckpointArgs,
    #[command(flatten)]
    pub(crate) exposure: ExposureArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) process: ProcessArgs,
}

/// Which signatures count.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct AuditKeyArgs {
    /// The file of the secret key to sign with, as `ordertrace audit keygen` makes it; or the key itself is in
    /// ORDERTRACE_AUDIT_KEY. Without a key this process signs nothing, and checks what others sign
    #[arg(long, value_name = "FILE", env = "ORDERTRACE_AUDIT_KEY_FILE")]
    pub(crate) audit_key_file: Option<PathBuf>,
    /// A public key whose signatures count too, or a file with it: of another process that signs, or of an earlier one; may
    /// be given several times
    #[arg(
        long,
        value_name = "VKEY|FILE",
        env = "ORDERTRACE_AUDIT_LOG_KEYS",
        value_delimiter = ','
    )]
    pub(crate) audit_log_key: Vec<String>,
}

/// When checkpoints are signed, and who cosigns them.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Checkpoints")]
pub(crate) struct CheckpointArgs {
    /// After how many events a checkpoint is signed at the latest
    #[arg(long, value_name = "N", env = "ORDERTRACE_CHECKPOINT_EVENTS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_events: u64,
    /// How long an event stays without a checkpoint at the most
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_CHECKPOINT_EVERY", default_value = "5s", value_parser = duration)]
    checkpoint_every: Duration,
    #[command(flatten)]
    pub(crate) witnesses: WitnessesArgs,
}

impl CheckpointArgs {
    /// When to sign.
    pub(crate) const fn policy(&self) -> SigningPolicy {
        SigningPolicy {
            events: self.checkpoint_events,
            every: self.checkpoint_every,
        }
    }
}

/// Which key to make.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeygenArgs {
    /// The file for the secret key; it must not be there yet. The public key goes beside it, into <FILE>.pub
    pub(crate) file: PathBuf,
    /// Whose key it is: a name that nobody else has, such as shop.example/orders. Checkpoints are of the log of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Make a key for a witness, that cosigns, and not for the log
    #[arg(long)]
    pub(crate) witness: bool,
}
