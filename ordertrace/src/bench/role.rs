//! A role of this program in a process of its own, as it runs anywhere: what a bench over HTTP measures.
//!
//! Invariant: the process is gone with the value. What it stored is the bench's to remove.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use super::audit::child::peak;

/// How long a role may take until it runs, or is ready.
const START_MAX: Duration = Duration::from_secs(60);

/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(5);

/// What `/proc/<pid>/stat` counts processor time in: a hundredth of a second, on every Linux that is in use.
const TICKS_PER_SEC: f64 = 100.0;

/// A role that runs.
pub(super) struct Role {
    child: Child,
    /// Where it answers, such as `http://127.0.0.1:8081`.
    pub(super) url: String,
}

impl Role {
    /// Starts `ordertrace <args>` on a port of its choice, and waits until it says where.
    pub(super) async fn start(args: &[impl AsRef<OsStr>]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(args).args(["--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.env("ORDERTRACE_LOG", "error").kill_on_drop(true);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().context("a process without output")?;
        let mut lines = BufReader::new(stdout).lines();
        let said = timeout(START_MAX, lines.next_line()).await;
        let Some(said) = said.context("a role did not start in time")?? else {
            bail!("a role ended at its start: {}", child.wait().await?);
        };
        let url = said.rsplit(' ').next().unwrap_or_default().to_owned();
        // It may say more some day, and must not wait for somebody to read it.
        tokio::spawn(async move { while matches!(lines.next_line().await, Ok(Some(_))) {} });
        Ok(Self { child, url })
    }

    /// Waits until it says that it can serve.
    pub(super) async fn ready(&self, patience: Duration) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.url);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let ready = async {
            loop {
                let answer = client.get(&url).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                sleep(ASK_EVERY).await;
            }
        };
        timeout(patience, ready)
            .await
            .context("a role was not ready in time")
    }

    /// The processor time that it has used so far, in seconds; not a number where the system does not tell.
    pub(super) fn cpu_secs(&self) -> f64 {
        let stat = self.child.id().and_then(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name of the program is in brackets and may have spaces; user and system time are the 14th and 15th field.
            let (_, rest) = stat.rsplit_once(')')?;
            let mut fields = rest.split_whitespace().skip(11);
            let user: f64 = fields.next()?.parse().ok()?;
            let system: f64 = fields.next()?.parse().ok()?;
            Some((user + system) / TICKS_PER_SEC)
        });
        stat.unwrap_or(f64::NAN)
    }

    /// The most memory that it has had so far, likewise.
    pub(super) fn peak_mb(&self) -> f64 {
        let status = format!("/proc/{}/status", self.child.id().unwrap_or_default());
        peak(&status).unwrap_or(f64::NAN)
    }
}
