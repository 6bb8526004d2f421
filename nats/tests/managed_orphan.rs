//! A server whose parent was killed: it goes too, at once, and leaves its data to the next.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod processes;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ordertrace_nats::managed::{Endpoint, ManagedError, ManagedServer, StartOptions};
use processes::{events, eventually, is_alive, kill_9, parent_of, publish, started};

/// Tells the helper process which data folder to hold.
const HELD_DATA_DIR: &str = "ORDERTRACE_TEST_HELD_DATA_DIR";

/// A process of its own that holds a server until it is killed.
struct Holder(Child);

impl Holder {
    fn start(data_dir: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "--ignored", "held_until_killed"])
            .env(HELD_DATA_DIR, data_dir);
        Self(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }

    /// SIGKILL: the process gets no chance to clean up.
    fn kill_9(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "runs only in the process of its own that other tests start and kill"]
async fn held_until_killed() {
    let Some(data_dir) = std::env::var_os(HELD_DATA_DIR) else {
        return;
    };
    let _held = started(Path::new(&data_dir)).await;
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_server_dies_with_a_parent_that_was_killed() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut holder = Holder::start(data_dir.path());
    let endpoint = eventually("the holder's server", || Endpoint::read(data_dir.path())).await;
    let shell = parent_of(endpoint.pid);
    assert_eq!(endpoint.owner_pid, holder.0.id());
    assert!(is_alive(endpoint.pid) && is_alive(shell));
    holder.kill_9();
    let gone = || (!is_alive(endpoint.pid) && !is_alive(shell)).then_some(());
    eventually("the end of the orphaned server", gone).await;
    // A process counts as ended a moment before the last of its threads has let go of the lock.
    let unbelieved = || Endpoint::read(data_dir.path()).is_none().then_some(());
    eventually("the free folder", unbelieved).await;
}

/// The children of a process, besides one.
fn other_children(parent: u32, besides: u32) -> Vec<u32> {
    let script = r#"for stat in /proc/[0-9]*/stat; do sed 's/^\([0-9]*\) .*) [A-Z] \([0-9]*\) .*/\1 \2/' "$stat"; done"#;
    let list = if Path::new("/proc/self/stat").exists() {
        script
    } else {
        "ps -A -o pid= -o ppid="
    };
    let listed = Command::new("/bin/sh")
        .args(["-c", list])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let pairs = listed.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<u32>());
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    pairs
        .filter(|&(pid, ppid)| ppid == parent && pid != besides)
        .map(|(pid, _)| pid)
        .collect()
}

#[tokio::test]
async fn a_server_that_lives_on_keeps_its_folder_locked() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut holder = Holder::start(data_dir.path());
    let endpoint = eventually("the holder's server", || Endpoint::read(data_dir.path())).await;
    let shell = parent_of(endpoint.pid);
    // Without its watcher nothing ends the server when its parent is gone.
    let watchers = other_children(shell, endpoint.pid);
    assert_eq!(watchers.len(), 1);
    kill_9(watchers[0]);
    holder.kill_9();

    let impatient = Duration::from_millis(200);
    let options = StartOptions {
        lock_wait: impatient,
        ..StartOptions::new(data_dir.path())
    };
    let second = ManagedServer::start(options).await;
    assert!(is_alive(endpoint.pid), "the server should have lived on");
    kill_9(endpoint.pid);
    let holder_pid = Some(holder.0.id());
    assert!(
        matches!(second, Err(ManagedError::InUse { owner, .. }) if owner == holder_pid),
        "{second:?}"
    );
    started(data_dir.path()).await.stop().await;
}

#[tokio::test]
async fn a_start_after_a_killed_parent_finds_the_data() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut holder = Holder::start(data_dir.path());
    let endpoint = eventually("the holder's server", || Endpoint::read(data_dir.path())).await;
    events(&endpoint.client_url).await;
    publish(&endpoint.client_url, "before").await;

    holder.kill_9();
    let server = started(data_dir.path()).await;
    assert!(
        !is_alive(endpoint.pid),
        "the orphan held the folder until it was gone"
    );
    let kept = events(server.client_url()).await;
    assert_eq!(kept.get_raw_message(1).await.unwrap().payload, "before");
    server.stop().await;
}
