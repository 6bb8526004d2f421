//! Other processes, by pid.

use std::process::{Command, Stdio};

/// Sends a signal, such as `KILL`, to a process of ours.
pub(crate) fn signal(name: &str, pid: u32) {
    // The shell's own `kill`, for a slim machine has no other.
    let status = Command::new("/bin/sh")
        .args(["-c", "kill -\"$1\" \"$2\"", "sh", name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "no process {pid} to send {name} to");
}

/// Whether a process runs. One that has ended and waits for its parent's notice does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    if let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        let state = stat.rsplit_once(") ").map(|(_, after)| after);
        return state.is_some_and(|state| !state.starts_with(['Z', 'X']));
    }
    let listed = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .stderr(Stdio::null())
        .output();
    listed.is_ok_and(|ps| {
        let stat = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
        !stat.is_empty() && !stat.starts_with('Z')
    })
}
