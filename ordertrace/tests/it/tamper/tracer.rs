//! What a process asks the disk to keep, counted by `strace`.

use crate::harness::Strace;

/// The calls that wait for the disk, and the one that may open a file for such writes.
const TRACED: &str = "trace=fsync,fdatasync,sync_file_range,openat";

/// Traces one process until it is stopped.
pub(crate) struct Tracer(Strace);

/// Waits for the disk, as one process has asked for them.
pub(crate) struct Syncs {
    /// Each the text of one call, with the file it is about.
    calls: Vec<String>,
}

impl Tracer {
    /// Attaches to a process; `None`, with a word on why, where that can't be done.
    pub(crate) async fn attach(pid: u32) -> Option<Self> {
        let strace = Strace::attach(pid, &["-y", "-e", TRACED], "counting the disk's syncs").await;
        strace.map(Self)
    }

    /// Lets go of the process, and gives what was counted.
    pub(crate) async fn stop(self) -> Syncs {
        let calls = self.0.stop().await;
        let calls = calls.lines().filter(|call| is_sync(call));
        Syncs {
            calls: calls.map(str::to_owned).collect(),
        }
    }
}

impl Syncs {
    /// How many there were of files with this in their path.
    pub(crate) fn of(&self, part: &str) -> u64 {
        self.calls.iter().filter(|call| call.contains(part)).count() as u64
    }

    /// How many there were.
    pub(crate) fn all(&self) -> u64 {
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
