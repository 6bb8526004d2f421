//! localstripe, a stateful imitation of Stripe's API that nobody here wrote, as a child of the tests.
//!
//! Invariant: it can't outlive the test process, for it ends when its standard input does, which the kernel closes for
//! us however we end. It listens on the loopback interface only.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use reqwest::Url;

use crate::packages;

/// It imports for half a second; a loaded machine may take much longer.
const START_MAX: Duration = Duration::from_secs(60);

const LAUNCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stripe/launch.py");

/// The child, whose end of the pipe must stay open, and where it is.
struct Localstripe {
    _child: Child,
    base_url: Url,
}

/// Where this process's localstripe is; the first who asks starts it.
pub(crate) fn base_url() -> Url {
    static RUNNING: OnceLock<Localstripe> = OnceLock::new();
    RUNNING.get_or_init(start).base_url.clone()
}

fn start() -> Localstripe {
    let packages = packages::installed();
    let mut child = python(&packages)
        .arg(LAUNCH)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let port = port_of(&mut child);
    Localstripe {
        _child: child,
        base_url: format!("http://127.0.0.1:{port}").parse().expect("a URL"),
    }
}

fn python(packages: &Path) -> Command {
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", packages).arg("-B");
    command
}

/// The port that the child prints as soon as it listens.
fn port_of(child: &mut Child) -> u16 {
    let stdout = child.stdout.take().expect("its output is piped");
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line).map(|_| line);
        // Nobody listens any more when the start took too long.
        let _ = said.send(read);
    });
    let line = heard.recv_timeout(START_MAX).expect("it starts in time");
    let line = line.expect("its output can be read");
    line.trim()
        .parse()
        .expect("it prints its port; what went wrong stands above")
}
