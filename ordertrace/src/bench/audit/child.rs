//! A process of this program, timed as a whole, and how much memory it came to.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval};

use crate::cli::LogSourceArgs;

/// How often a process is looked at. The system keeps the peak, so that little is missed between the last look and the end.
const LOOK_EVERY: Duration = Duration::from_millis(10);

const MB: f64 = 1024.0;

/// How a process is started.
pub(super) struct Child {
    source: Vec<String>,
}

/// What it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finished {
    pub(super) took: Duration,
    /// The most memory it had; not a number where the system does not tell (`/proc`).
    pub(super) peak_mb: f64,
}

impl Child {
    /// Processes that read this log.
    pub(super) fn of(source: &LogSourceArgs) -> Self {
        let data_dir = source.data.data_dir.display().to_string();
        let mut args = vec!["--data-dir".to_owned(), data_dir];
        if let Some(url) = source.nats_url() {
            args.extend(["--nats-url".to_owned(), url.to_owned()]);
        }
        Self { source: args }
    }

    /// Exports the whole log.
    pub(super) async fn export(&self, file: &Path) -> anyhow::Result<Finished> {
        let file = file.display().to_string();
        self.read(&["export", "--force", &file]).await
    }

    /// Verifies an export, offline.
    pub(super) async fn verify(&self, file: &Path) -> anyhow::Result<Finished> {
        run(&["verify", &file.display().to_string()], &[]).await
    }

    /// Reads one event.
    pub(super) async fn first_event(&self) -> anyhow::Result<Finished> {
        self.read(&["replay", "--to-position", "1", "-o", "ndjson"])
            .await
    }

    async fn read(&self, args: &[&str]) -> anyhow::Result<Finished> {
        run(args, &self.source).await
    }
}

async fn run(args: &[&str], source: &[String]) -> anyhow::Result<Finished> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("audit").args(args).args(source);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let mut child = command.kill_on_drop(true).spawn()?;
    let status = format!("/proc/{}/status", child.id().unwrap_or_default());
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut peak_mb = f64::NAN;
    let ended = loop {
        tokio::select! {
            ended = child.wait() => break ended?,
            _ = looks.tick() => peak_mb = peak_mb.max(peak(&status).unwrap_or(f64::NAN)),
        }
    };
    let took = began.elapsed();
    ensure!(
        ended.success(),
        "`ordertrace audit {}` ended with {ended}",
        args.join(" ")
    );
    Ok(Finished { took, peak_mb })
}

/// The most memory that a process has had so far.
pub(in crate::bench) fn peak(status: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(status)?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    let kilobytes: f64 = kilobytes.context("no peak")?.trim().parse()?;
    Ok(kilobytes / MB)
}
