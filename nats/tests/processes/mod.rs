//! What the tests of the managed server share: looking at processes, and a stream that should outlive them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::jetstream::{self, stream};
use ordertrace_nats::managed::{ManagedServer, StartOptions};

/// What a test waits for takes well under a second on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks for `wanted` until it is there, within the bound.
pub(crate) async fn eventually<T>(what: &str, mut wanted: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = wanted() {
            return value;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn kill_9(pid: u32) {
    // The shell's own `kill`, for a slim machine has no other.
    let status = Command::new("/bin/sh")
        .args(["-c", "kill -KILL \"$1\"", "sh", &pid.to_string()])
        .status();
    assert!(status.unwrap().success(), "no process {pid} to kill");
}

/// Whether a process runs; one that has ended and waits for its parent's notice does not.
pub(crate) fn is_alive(pid: u32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat
            .rsplit_once(") ")
            .is_some_and(|(_, after)| !after.starts_with(['Z', 'X']));
    }
    Command::new("ps")
        .args(["-p", &pid.to_string()])
        .stdout(Stdio::null())
        .status()
        .unwrap()
        .success()
}

pub(crate) fn parent_of(pid: u32) -> u32 {
    let parent = match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat
            .rsplit_once(") ")
            .unwrap()
            .1
            .split(' ')
            .nth(1)
            .unwrap()
            .to_owned(),
        Err(_) => {
            let ps = Command::new("ps")
                .args(["-o", "ppid=", "-p", &pid.to_string()])
                .output()
                .unwrap();
            String::from_utf8(ps.stdout).unwrap()
        }
    };
    parent.trim().parse().unwrap()
}

pub(crate) async fn started(data_dir: &Path) -> ManagedServer {
    ManagedServer::start(StartOptions::new(data_dir))
        .await
        .unwrap()
}

pub(crate) async fn events(client_url: &str) -> jetstream::stream::Stream {
    let client = async_nats::connect(client_url).await.unwrap();
    let wanted = stream::Config {
        name: "KEPT".into(),
        subjects: vec!["kept.>".into()],
        ..Default::default()
    };
    jetstream::new(client)
        .get_or_create_stream(wanted)
        .await
        .unwrap()
}

pub(crate) async fn publish(client_url: &str, text: &'static str) {
    let client = async_nats::connect(client_url).await.unwrap();
    jetstream::new(client)
        .publish("kept.one", text.into())
        .await
        .unwrap()
        .await
        .unwrap();
}
