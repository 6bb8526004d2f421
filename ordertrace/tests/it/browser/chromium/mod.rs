//! A real Chromium, headless, that people's steps are taken in: chromedriver, sessions, and what they complain of.
//!
//! Invariant: nothing of it outlives its [`Chromium`], also when a test fails; it speaks to this machine alone, and has a
//! profile of its own that is empty at first. What is clicked, and what has to be seen then, is the tests' business.

mod commands;
mod driver;
mod session;

mod complaints;
mod screen;
mod tab;

use std::env;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use driver::Driver;

pub(crate) use complaints::Complaint;
pub(crate) use screen::{Screen, Theme};
pub(crate) use session::Scripts;
pub(crate) use tab::Tab;

/// As Debian names it.
const DRIVER: &str = "chromedriver";

/// What installs it.
const REMEDY: &str = "`.ci/browser` installs it on Debian";

/// Chromium under a driver; each tab of it is a browser of its own.
pub(crate) struct Chromium {
    driver: Driver,
    opened: AtomicUsize,
    /// The last to go: the driver and its browsers have ended then.
    folder: TempDir,
}

impl Chromium {
    /// Starts the driver. `None`, and a word about it, on a machine without one; in CI that fails the test.
    pub(crate) async fn start() -> Option<Self> {
        if !is_installed() {
            assert_ne!(
                env::var("CI").as_deref(),
                Ok("true"),
                "CI tests the page in a browser, and there is no {DRIVER}: {REMEDY}"
            );
            // Not by `eprintln!`, whose words are kept from whoever runs a test that passes.
            let _ = writeln!(
                io::stderr(),
                "skipped: there is no {DRIVER} on PATH; {REMEDY}"
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        Some(Self {
            driver: Driver::start(DRIVER, &folder.path().join("driver.log")).await,
            opened: AtomicUsize::new(0),
            folder,
        })
    }

    /// Opens a browser, at nothing yet.
    pub(crate) async fn tab(&self, scripts: Scripts) -> Tab {
        let client = session::open(&self.driver.url(), &self.empty_profile(), scripts).await;
        Tab::of(client).await
    }

    fn empty_profile(&self) -> PathBuf {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(format!("profile-{number}"))
    }
}

fn is_installed() -> bool {
    let asked = Command::new(DRIVER)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    match asked {
        Ok(output) => output.status.success(),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => panic!("{DRIVER} can't be started: {error}"),
    }
}
