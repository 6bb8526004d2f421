//! Starts a server that can't outlive us: a shell between us and it holds the other end of a pipe.
//!
//! Invariant: when the pipe closes, for whatever reason, a SIGKILL of this process included, the kernel tells the
//! shell's watcher and the watcher kills its whole process group. The watcher names the group it belongs to and never a
//! pid, so no reused pid can be hit. The group is not ours: a terminal's Ctrl-C reaches this process first, which can
//! then drain before it asks the server to stop.
//!
//! It deliberately uses no `PR_SET_PDEATHSIG`, which needs `unsafe`, exists on Linux only and follows the thread that
//! started the server instead of the process.

use std::fs::File;
use std::io::{self, PipeWriter, Write};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::external::tail;

/// A server that was asked to stop writes its state and closes its files: measured well below one second.
const STOP_SECS_MAX: u64 = 10;

/// A server writes to its standard error only before it has its log, or when it crashes.
const STDERR_BYTES_MAX: usize = 2_000;

/// Runs the server "$@" until it ends, we ask for its end (a line on stdin) or we are gone (the end of stdin).
///
/// Descriptor 3 keeps our pipe, because a shell gives its background jobs `/dev/null` as stdin. The server gets stdout,
/// which is the folder's lock, and no pipe; the watcher gets the pipe and no lock. Shell and watcher ignore the TERM
/// that is for the server alone, which was started before they began to.
const SCRIPT: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
trap '' HUP INT TERM
{ while read -r line; do kill -TERM 0; done; kill -KILL 0; } <&3 3<&- >/dev/null &
exec 3<&-
wait "$server"
"#;

/// A running server, or one that has ended; dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    leash: Option<PipeWriter>,
    stderr: JoinHandle<String>,
    ended: Option<Exit>,
}

/// How a server ended.
#[derive(Debug, Clone)]
pub(super) struct Exit {
    pub(super) status: ExitStatus,
    /// The last it wrote to its standard error.
    pub(super) stderr: String,
}

impl Process {
    /// Starts `binary` with the configuration file `config`; `lock` stays open in the server for as long as it lives.
    pub(super) fn spawn(binary: &Path, config: &Path, lock: File) -> io::Result<Self> {
        let (stdin, leash) = io::pipe()?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "sh"])
            .arg(binary)
            .arg("-c")
            .arg(config);
        command
            .stdin(stdin)
            .stdout(lock)
            .stderr(Stdio::piped())
            .process_group(0);
        let mut shell = command.spawn()?;
        let stderr = tokio::spawn(read_tail(shell.stderr.take()));
        Ok(Self {
            shell,
            leash: Some(leash),
            stderr,
            ended: None,
        })
    }

    /// Waits until the server and all that was started with it are gone, however that comes about.
    ///
    /// Dropping the future loses nothing: it can be asked again, also after the end.
    pub(super) async fn exited(&mut self) -> io::Result<Exit> {
        if let Some(exit) = &self.ended {
            return Ok(exit.clone());
        }
        let status = self.shell.wait().await?;
        // The watcher still waits for us, and a shell that was killed has left its server behind: this ends both.
        self.leash = None;
        // Every process of the group has this pipe open, so its end is the end of the last of them.
        let stderr = (&mut self.stderr).await.unwrap_or_default();
        Ok(self.ended.insert(Exit { status, stderr }).clone())
    }

    /// Asks the server to stop and waits for its end; kills it when that takes too long.
    pub(super) async fn stop(&mut self) -> io::Result<Exit> {
        if let Some(leash) = &mut self.leash {
            // A failure means that the watcher is gone, and then the end below is near.
            let _ = leash.write_all(b"stop\n");
        }
        match timeout(Duration::from_secs(STOP_SECS_MAX), self.exited()).await {
            Ok(exit) => exit,
            Err(_elapsed) => {
                tracing::warn!(
                    bound_secs = STOP_SECS_MAX,
                    "nats-server did not stop when asked and is killed"
                );
                self.kill().await
            }
        }
    }

    /// Kills the server, as the end of this process would, and waits for its end.
    pub(super) async fn kill(&mut self) -> io::Result<Exit> {
        self.leash = None;
        self.exited().await
    }
}

/// Reads to the end and keeps the last of it.
async fn read_tail(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else {
        return String::new();
    };
    let mut kept = Vec::new();
    let mut chunk = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        kept.drain(..kept.len().saturating_sub(STDERR_BYTES_MAX));
    }
    tail(&kept, STDERR_BYTES_MAX)
}
