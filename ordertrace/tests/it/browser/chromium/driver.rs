//! The chromedriver process, which starts and steers the browsers.
//!
//! Invariant: it and its browsers are one process group, which is ended as a whole.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{PATIENCE, wait_until};

/// How long killed processes may take to be gone; they may be in the middle of a write.
const GONE_MAX: Duration = Duration::from_secs(5);

/// The end of processes that are not ours to wait for can only be asked for.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// A running chromedriver.
pub(super) struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a port of its choice, and waits until it says which.
    pub(super) async fn start(program: &str, log: &Path) -> Self {
        let output = File::create(log).unwrap();
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stderr(output.try_clone().unwrap())
            .stdout(output)
            .process_group(0)
            .spawn()
            .unwrap();
        let port = wait_until("chromedriver listens", PATIENCE, async || {
            let said = fs::read_to_string(log).unwrap_or_default();
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "chromedriver ended ({ended:?}):\n{said}");
            port_in(&said)
        });
        let port = port.await;
        Self { child, port }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends the whole group a signal, and says whether there was anybody to get it.
    fn signal(&self, name: &str) -> bool {
        let group = format!("-{}", self.child.id());
        let sent = Command::new("/bin/sh")
            .args(["-c", "kill -s \"$1\" -- \"$2\"", "sh", name, &group])
            .stderr(Stdio::null())
            .status();
        sent.is_ok_and(|status| status.success())
    }
}

/// `ChromeDriver was started successfully on port 35871.`
fn port_in(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.signal("KILL");
        // The group has its number; should it be gone already, the driver is too.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let give_up_at = Instant::now() + GONE_MAX;
        // Until then they write to their profiles, which are about to be deleted.
        while self.signal("0") && Instant::now() < give_up_at {
            thread::sleep(ASK_AGAIN);
        }
    }
}
