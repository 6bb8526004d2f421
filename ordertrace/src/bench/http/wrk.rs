//! Load by wrk, a client that is not ours: what it says of a run.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// What wrk is to report, and how.
const SCRIPT: &str = include_str!("wrk.lua");

/// wrk, and the script that it runs.
pub(super) struct Wrk {
    script: PathBuf,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Run {
    pub(super) requests: f64,
    micros: f64,
    p50: f64,
    p99: f64,
    refused: u64,
    broken: u64,
}

impl Run {
    /// Answers a second.
    pub(super) fn rate(&self) -> f64 {
        self.requests / (self.micros / 1e6)
    }

    /// In milliseconds.
    pub(super) fn p50(&self) -> f64 {
        self.p50 / 1e3
    }

    /// In milliseconds.
    pub(super) fn p99(&self) -> f64 {
        self.p99 / 1e3
    }
}

impl Wrk {
    /// Writes the script into this folder.
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let script = folder.join("wrk.lua");
        std::fs::write(&script, SCRIPT)?;
        Ok(Self { script })
    }

    /// Asks for the same over and over, by so many connections; with a body it is a `POST`.
    ///
    /// # Errors
    /// wrk is not there, or an answer was no success.
    pub(super) async fn run(
        &self,
        url: &str,
        connections: u32,
        secs: u32,
        body: Option<&str>,
    ) -> anyhow::Result<Run> {
        let threads = connections.min(2).to_string();
        let mut command = Command::new("wrk");
        command
            .args(["--threads", &threads])
            .args(["--connections", &connections.to_string()])
            .args(["--duration", &format!("{secs}s")])
            .arg("--script")
            .arg(&self.script)
            .args([url, "--"])
            .args(body);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await;
        let output =
            output.context("wrk could not be started: install it (Debian: apt-get install wrk)")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let report = said.lines().rfind(|line| line.starts_with('{'));
        let report = report.with_context(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            format!("wrk reports nothing: {}", complaint.trim())
        })?;
        let run: Run = serde_json::from_str(report)?;
        ensure!(
            run.refused == 0 && run.broken == 0 && run.requests > 0.0,
            "of {} requests to {url} {} were refused and {} got no answer",
            run.requests,
            run.refused,
            run.broken
        );
        Ok(run)
    }
}
