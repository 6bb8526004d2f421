//! axe-core, which finds what keeps people with a screen reader, a keyboard or weak eyes from using a page.
//!
//! Invariant: it is fetched once, by pip, pinned by its hash, into the user's cache folder; a page gets it from the driver,
//! which the content security policy has no say in.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::chromium::Tab;

const REQUIREMENTS: &str = include_str!("axe.txt");

/// Where the package has it.
const SCRIPT: &str = "axe_playwright_python/axe.min.js";

/// What axe-core runs, and hands to the driver. Its rules are those of WCAG 2.2, AA, and its own best practices.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations']}).then(
        found => done(found.violations.map(({id, impact, help, nodes}) =>
            ({id, impact, help, places: nodes.map(node => [...node.target, ...node.any.map(check => check.message)].join(' '))}))),
        error => done(String(error)));
";

/// A rule that a page breaks.
#[derive(Debug, Deserialize)]
pub(super) struct Violation {
    id: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    impact: Option<String>,
    help: String,
    /// As CSS selectors, with what was found there.
    places: Vec<String>,
}

/// The checker.
pub(super) struct Axe {
    script: String,
}

impl Axe {
    /// Has it ready; fetches it if it is not there.
    pub(super) fn ready() -> Self {
        let name = REQUIREMENTS.lines().last().unwrap();
        let (name, _) = name.split_once(' ').unwrap();
        let home = cache_folder().join(name);
        if !home.exists() {
            install(&home);
        }
        let script = fs::read_to_string(home.join(SCRIPT)).unwrap();
        Self { script }
    }

    /// What it finds on the page that a tab shows.
    pub(super) async fn look_at(&self, tab: &Tab) -> Vec<Violation> {
        if tab.script("return typeof axe === 'undefined';").await == true {
            tab.script(&self.script).await;
        }
        let found = tab.script_until_told(RUN).await;
        match serde_json::from_value(found.clone()) {
            Ok(violations) => violations,
            Err(_) => panic!("axe does not run: {found}"),
        }
    }
}

impl Violation {
    /// Whether it keeps somebody out.
    pub(super) fn is_serious(&self) -> bool {
        let impact = self.impact.as_deref().unwrap_or("critical");
        ["serious", "critical"].contains(&impact)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let impact = self.impact.as_deref().unwrap_or("?");
        write!(f, "{impact}: {} ({})", self.help, self.id)?;
        self.places
            .iter()
            .try_for_each(|place| write!(f, "\n    {place}"))
    }
}

fn cache_folder() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.filter(|path| path.is_absolute()).unwrap_or_else(|| {
        let home = env::var_os("HOME").expect("a user has a home");
        Path::new(&home).join(".cache")
    });
    base.join("ordertrace")
}

fn install(home: &Path) {
    let cache = cache_folder();
    fs::create_dir_all(&cache).unwrap();
    let folder = tempfile::tempdir_in(cache).unwrap();
    let requirements = folder.path().join("axe.txt");
    fs::write(&requirements, REQUIREMENTS).unwrap();
    let partial = folder.path().join("packages");
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps"])
        .args([
            "--require-hashes",
            "--only-binary=:all:",
            "--disable-pip-version-check",
        ])
        .arg("--target")
        .arg(&partial)
        .arg("--requirement")
        .arg(&requirements)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "axe-core can't be had from PyPI: {errors}"
    );
    // Another process may have put the same there meanwhile.
    let _ = fs::rename(&partial, home);
}
