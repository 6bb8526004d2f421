//! What a process asks the disk to keep, counted by `strace`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::harness::{PATIENCE, signal, wait_until};

/// Traces one process until it is stopped.
pub(super) struct Tracer {
    strace: Child,
    folder: TempDir,
}

/// Waits for the disk, as one process has asked for them.
pub(super) struct Syncs {
    /// Each the text of one call, with the file it is about.
    calls: Vec<String>,
}

impl Tracer {
    /// Attaches to a process; `None`, with a word on why, where that can't be done.
    pub(super) async fn attach(pid: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("said");
        let strace = Command::new("strace")
            .args([
                "-f",
                "-y",
                "-e",
                "trace=fsync,fdatasync,sync_file_range,openat",
            ])
            .arg("-o")
            .arg(calls_file(folder.path()))
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn();
        let strace = match strace {
            Ok(strace) => strace,
            Err(error) => {
                eprintln!("skipped: strace can't be run: {error}");
                return None;
            }
        };
        let mut tracer = Self { strace, folder };
        let ended = wait_until("strace is attached", PATIENCE, async || {
            let is_attached = fs::read_to_string(&said).unwrap().contains("attached");
            let ended = tracer.strace.try_wait().unwrap();
            (is_attached || ended.is_some()).then_some(ended)
        })
        .await;
        if ended.is_some() {
            let said = fs::read_to_string(&said).unwrap();
            eprintln!("skipped: strace may not trace here: {said}");
            return None;
        }
        Some(tracer)
    }

    /// Lets go of the process, and gives what was counted.
    pub(super) async fn stop(mut self) -> Syncs {
        signal("INT", self.strace.id());
        wait_until("strace ends", PATIENCE, async || {
            self.strace.try_wait().unwrap()
        })
        .await;
        let calls = fs::read_to_string(calls_file(self.folder.path())).unwrap();
        let calls = calls.lines().filter(|call| is_sync(call));
        Syncs {
            calls: calls.map(str::to_owned).collect(),
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

impl Syncs {
    /// How many there were of files with this in their path.
    pub(super) fn of(&self, part: &str) -> u64 {
        self.calls.iter().filter(|call| call.contains(part)).count() as u64
    }

    /// How many there were.
    pub(super) fn all(&self) -> u64 {
        self.calls.len() as u64
    }
}

/// A call that waits for the disk, or a file that is opened so that each write to it does. The second half of a call that
/// another thread came between is not counted again.
fn is_sync(call: &str) -> bool {
    let syncs = ["fsync(", "fdatasync(", "sync_file_range("];
    let is_written_through = call.contains("openat(") && call.contains("SYNC");
    is_written_through || syncs.iter().any(|sync| call.contains(sync))
}

fn calls_file(folder: &Path) -> PathBuf {
    folder.join("calls")
}
