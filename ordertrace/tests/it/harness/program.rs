//! One run of the binary.
//!
//! Invariant: it does not outlive its value; its output goes to files, so that it never waits for a reader, and the end
//! of it is shown when the test fails.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use super::{PATIENCE, wait_until};

/// How much of a log is shown when a test fails.
const TAIL_LINES: usize = 60;

/// A running or ended `ordertrace`.
pub(crate) struct Program {
    shown: String,
    child: Child,
    /// Its working folder, with its output: whatever it writes without being told where is in here.
    folder: TempDir,
}

/// The variables by which the binary is set up: none may come from whoever runs the tests.
fn env_names() -> impl Iterator<Item = OsString> {
    let ours = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("ORDERTRACE_")
            || name.starts_with("OTEL_")
            || [
                "NATS_URL",
                "NATS_MONITOR_URL",
                "NATS_REPLICAS",
                "NATS_EVENTS_MAX_BYTES",
                "NATS_NKEY_FILE",
                "NATS_CREDS_FILE",
                "NATS_TLS",
                "NATS_TLS_CA",
                "NATS_TLS_CERT",
                "NATS_TLS_KEY",
                "COLUMNS",
                "NO_COLOR",
            ]
            .contains(&name.as_ref())
    };
    std::env::vars_os().map(|(name, _)| name).filter(ours)
}

impl Program {
    /// Starts the binary.
    pub(crate) fn start<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Self {
        Self::start_with_env(args, [])
    }

    /// Starts the binary with these variables.
    pub(crate) fn start_with_env<A: Into<OsString>>(
        args: impl IntoIterator<Item = A>,
        env: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = |name: &str| Stdio::from(File::create(folder.path().join(name)).unwrap());
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordertrace"));
        command.args(&args).current_dir(folder.path());
        for name in env_names() {
            command.env_remove(name);
        }
        command.envs(env);
        command
            .stdin(Stdio::null())
            .stdout(output("stdout"))
            .stderr(output("stderr"));
        let words: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
        Self {
            shown: format!("ordertrace {}", words.join(" ")),
            child: command.spawn().unwrap(),
            folder,
        }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed.
    pub(crate) fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// What it has logged.
    pub(crate) fn stderr(&self) -> String {
        self.read("stderr")
    }

    /// Waits until `find` finds something in what it printed and logged.
    pub(crate) async fn said<T>(
        &mut self,
        what: &str,
        find: impl Fn(&str, &str) -> Option<T>,
    ) -> T {
        let what = format!("{} says {what}", self.shown);
        wait_until(&what, PATIENCE, async || {
            let found = find(&self.stdout(), &self.stderr());
            let ended = self.child.try_wait().unwrap();
            assert!(
                found.is_some() || ended.is_none(),
                "{} ended ({ended:?}) before it said {what}:\n{}",
                self.shown,
                self.stderr()
            );
            found
        })
        .await
    }

    /// Runs the binary to its end.
    pub(crate) async fn run<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Self {
        let mut program = Self::start(args);
        program.ended().await;
        program
    }

    /// The exit code with which it ended; `None` if it runs, or was killed.
    pub(crate) fn code(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap()?.code()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let what = format!("{} ends", self.shown);
        wait_until(&what, PATIENCE, async || self.child.try_wait().unwrap()).await
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn read(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        fs::read_to_string(path).unwrap_or_default()
    }

    fn show_tail(&self) {
        let log = self.stderr();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
        eprintln!(
            "--- the end of the log of {}\n{}\n---",
            self.shown,
            tail.join("\n")
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            self.show_tail();
        }
    }
}
