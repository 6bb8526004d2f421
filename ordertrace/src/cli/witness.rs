//! The witness, and which witnesses a signer asks.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use ordertrace_auditor::WitnessAt;

use super::{HostArgs, LogArgs, ServerArgs, quiet::Quiet};

/// Settings of `audit witness`.
#[derive(Debug, Clone, Args)]
pub(crate) struct WitnessArgs {
    /// Where to listen. Nobody has to log in: what counts is the signature of the log
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8086"
    )]
    pub(crate) listen: SocketAddr,
    /// The file of the witness's own secret key, as `ordertrace audit keygen --witness` makes it
    #[arg(long, value_name = "FILE", env = "ORDERTRACE_WITNESS_KEY_FILE")]
    pub(crate) key_file: PathBuf,
    /// The public key of a log to look after, or a file with it; may be given several times, also for one log
    #[arg(
        long = "log-key",
        value_name = "VKEY|FILE",
        env = "ORDERTRACE_WITNESS_LOG_KEYS",
        value_delimiter = ',',
        required = true
    )]
    pub(crate) log_keys: Vec<String>,
    /// The folder in which it remembers how far it has seen each log; it is made, in a folder that is there. Whoever loses
    /// it or sets it back has to set up a new witness, with a new key
    #[arg(long, value_name = "DIR", env = "ORDERTRACE_WITNESS_STATE")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

/// Who is asked to cosign checkpoints.
#[derive(Debug, Clone, Args)]
pub(crate) struct WitnessesArgs {
    /// A witness that is asked to cosign every checkpoint, by its public key and where it is (KEY@https://witness.example);
    /// may be given several times
    #[arg(
        long = "witness",
        value_name = "KEY@URL",
        env = "ORDERTRACE_WITNESSES",
        value_delimiter = ',',
        value_parser = Quiet(witness)
    )]
    pub(crate) witnesses: Vec<WitnessAt>,
}

fn witness(text: &str) -> Result<WitnessAt, String> {
    text.parse::<WitnessAt>().map_err(|error| error.to_string())
}
