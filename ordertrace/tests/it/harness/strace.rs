//! `strace` on a process of ours: it counts system calls, delays them, or has them fail, and the process is the one that is
//! shipped.
//!
//! Invariant: the process is let go of when this value ends. Where `strace` can't be had, or may not trace, the caller's fault
//! is skipped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{PATIENCE, signal, skip::skipped, wait_until};

/// Traces one process, its threads included.
pub(crate) struct Strace {
    strace: Child,
    folder: TempDir,
}

impl Strace {
    /// Attaches to a process, with these arguments beside; `None` where that can't be done, and then `what` was skipped.
    pub(crate) async fn attach(pid: u32, args: &[&str], what: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("said");
        let strace = Command::new("strace")
            .args(["-f", "-qq"])
            .args(args)
            .arg("-o")
            .arg(calls_file(folder.path()))
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn();
        let strace = match strace {
            Ok(strace) => strace,
            Err(error) => {
                skipped(what, &format!("strace can't be run: {error}"));
                return None;
            }
        };
        let mut tracer = Self { strace, folder };
        let ended = wait_until("strace is attached", PATIENCE, async || {
            let ended = tracer.strace.try_wait().unwrap();
            (is_traced(pid) || ended.is_some()).then_some(ended)
        })
        .await;
        if ended.is_some() {
            let said = fs::read_to_string(&said).unwrap();
            skipped(what, &format!("strace may not trace here: {said}"));
            return None;
        }
        Some(tracer)
    }

    /// The calls so far, one a line.
    pub(crate) fn calls(&self) -> String {
        fs::read_to_string(calls_file(self.folder.path())).unwrap_or_default()
    }

    /// Lets go of the process, and gives all calls.
    pub(crate) async fn stop(mut self) -> String {
        signal("INT", self.strace.id());
        wait_until("strace ends", PATIENCE, async || {
            self.strace.try_wait().unwrap()
        })
        .await;
        self.calls()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // It may have ended by itself, or with what it traced.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// Whether every thread of the process has a tracer.
fn is_traced(pid: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    tasks.flatten().all(|task| {
        let status = fs::read_to_string(task.path().join("status"));
        // A thread that has ended meanwhile needs none.
        status.map_or(true, |status| !status.contains("TracerPid:\t0\n"))
    })
}

fn calls_file(folder: &Path) -> PathBuf {
    folder.join("calls")
}
