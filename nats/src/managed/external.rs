//! Runs another program to its end, within a bounded time.
//!
//! It deliberately knows nothing of what the programs are for, and never lets one outlive its bound.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// How much of a failed program's complaint is kept: enough for the last messages, little enough for one log line.
const COMPLAINT_BYTES_MAX: usize = 2_000;

/// Why another program could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    /// The program is not there or may not be run.
    #[error("{} cannot be run", program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The program did not end within its bound and was killed.
    #[error("{} did not end within {} s and was killed", program.display(), bound.as_secs())]
    TimedOut {
        /// The program.
        program: PathBuf,
        /// The bound.
        bound: Duration,
    },
    /// The program ran and reported failure.
    #[error("{} failed ({status}): {complaint}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to its standard error.
        complaint: String,
    },
}

/// Runs `program` with `args` and the given `PATH`, and returns what it printed to its standard output.
pub(super) async fn run<A: AsRef<OsStr>>(
    program: &Path,
    args: impl IntoIterator<Item = A>,
    path: &OsStr,
    bound: Duration,
) -> Result<String, ExternalError> {
    let output = Command::new(program)
        .args(args)
        .env("PATH", path)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(bound, output)
        .await
        .map_err(|_elapsed| ExternalError::TimedOut {
            program: program.to_owned(),
            bound,
        })?
        .map_err(|source| ExternalError::NotStarted {
            program: program.to_owned(),
            source,
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = tail(&output.stderr, COMPLAINT_BYTES_MAX);
    Err(ExternalError::Failed {
        program: program.to_owned(),
        status: output.status,
        complaint,
    })
}

/// Every executable file called `name` in the folders of a `PATH`, in its order.
pub(super) fn on_path(name: &str, path: &OsString) -> Vec<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(name))
        .filter(|candidate| is_executable(candidate))
        .collect()
}

/// The last `bytes_max` bytes as text.
pub(super) fn tail(bytes: &[u8], bytes_max: usize) -> String {
    let from = bytes.len().saturating_sub(bytes_max);
    String::from_utf8_lossy(&bytes[from..]).trim().to_owned()
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str, bound: Duration) -> Result<String, ExternalError> {
        run(
            Path::new("/bin/sh"),
            ["-c", script],
            OsStr::new("/usr/bin:/bin"),
            bound,
        )
        .await
    }

    #[tokio::test]
    async fn what_a_program_prints_is_returned() {
        assert_eq!(
            sh("echo hello", Duration::from_secs(10)).await.unwrap(),
            "hello\n"
        );
    }

    #[tokio::test]
    async fn a_failing_program_is_quoted() {
        let error = sh("echo no such wheel >&2; exit 3", Duration::from_secs(10))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("no such wheel"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_given_up() {
        let error = sh("exec tail -f /dev/null", Duration::from_millis(50))
            .await
            .unwrap_err();
        assert!(matches!(error, ExternalError::TimedOut { .. }), "{error}");
    }
}
