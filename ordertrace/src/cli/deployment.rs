//! What an operator asks for of the NATS servers themselves.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use ordertrace_nats::NatsRole;

use super::{DataArgs, NatsArgs};

/// Where to make what is missing.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProvisionArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What to look over.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// Whose user this connects as: its permissions are compared with what that role needs
    #[arg(long = "as", value_name = "ROLE", default_value = "ops")]
    pub(crate) role: UserOf,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Whose user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UserOf {
    /// Of `command-api`
    CommandApi,
    /// Of `saga`
    Saga,
    /// Of `projections`
    Projections,
    /// Of `audit serve`
    Audit,
    /// Of `audit replay`, `verify` and the like
    Auditor,
    /// An operator's
    Ops,
    /// Of whoever only looks
    Monitor,
}

impl From<UserOf> for NatsRole {
    fn from(user: UserOf) -> Self {
        match user {
            UserOf::CommandApi => Self::CommandApi,
            UserOf::Saga => Self::Saga,
            UserOf::Projections => Self::Projections,
            UserOf::Audit => Self::Audit,
            UserOf::Auditor => Self::Auditor,
            UserOf::Ops => Self::Operator,
            UserOf::Monitor => Self::Monitor,
        }
    }
}

/// The configuration to write.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("users").required(true).args(["keys", "users_from"])))]
pub(crate) struct NatsConfigArgs {
    /// The folder to write nats-server.conf into, or one file for each server of a cluster
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Make an nkey for each role in this folder: ROLE.nk is secret, for --nats-nkey-file; ROLE.pub is for the server
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// Take the public nkeys that are in this folder, as ROLE.pub
    #[arg(long, value_name = "DIR")]
    pub(crate) users_from: Option<PathBuf>,
    /// Write users.conf only, who may connect and what each may do, for a configuration that somebody else makes to include
    #[arg(long, conflicts_with_all = ["listen", "monitor", "store_dir", "cluster", "tls_cert"])]
    pub(crate) users_only: bool,
    /// Where clients connect [default: 127.0.0.1:4222, and 0.0.0.0:4222 in a cluster]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Where a server shows how it is doing, to whoever can reach it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8222")]
    pub(crate) monitor: String,
    /// The server's folder of streams
    #[arg(long, value_name = "DIR", default_value = "nats-data")]
    pub(crate) store_dir: String,
    /// The three servers of a cluster: host names, separated by commas. They know each other by a password, which is made once and
    /// kept beside the keys, as routes.secret; each file has it in it
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub(crate) cluster: Vec<String>,
    /// The server's certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<String>,
    /// Its key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<String>,
    /// The authority of the clients' and the servers' certificates: with it each has to show one. A cluster with TLS needs it
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_client_ca: Option<String>,
}
