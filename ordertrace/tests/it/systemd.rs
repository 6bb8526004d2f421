//! The unit for a machine that runs roles by systemd: systemd understands all of it, and it sets what can be set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the unit expects the program.
const INSTALLED: &str = "/usr/local/bin/ordertrace";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn unit() -> String {
    fs::read_to_string(root().join("deploy/systemd/ordertrace@.service")).unwrap()
}

/// Whether this machine has what checks units; where it has not, the test says so. CI has to have it.
fn can_verify() -> bool {
    let is_there = Command::new("systemd-analyze").arg("--version").output();
    let can = is_there.is_ok_and(|version| version.status.success());
    assert!(
        can || std::env::var_os("CI").is_none(),
        "CI has to have systemd-analyze"
    );
    can
}

/// What systemd says of the unit of a role, if it is as given.
fn verified(unit: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ordertrace@saga.service");
    fs::write(
        &path,
        unit.replace(INSTALLED, env!("CARGO_BIN_EXE_ordertrace")),
    )
    .unwrap();
    let verify = ["verify", "--man=no", "--recursive-errors=no"];
    let verify = Command::new("systemd-analyze")
        .args(verify)
        .arg(&path)
        .output();
    let verify = verify.unwrap();
    let told = String::from_utf8_lossy(&verify.stderr).into_owned();
    if verify.status.success() {
        Ok(())
    } else {
        Err(told)
    }
}

#[test]
fn systemd_understands_the_unit() {
    if !can_verify() {
        eprintln!("skipped: there is no systemd-analyze here");
        return;
    }
    assert_eq!(verified(&unit()), Ok(()));
    let misspelt = unit().replace("RestartSec=", "RestartSecs=");
    assert!(verified(&misspelt).is_err_and(|told| told.contains("RestartSecs")));
}

#[test]
fn the_unit_sets_settings_that_there_are() {
    let settings = fs::read_to_string(root().join("docs/settings.md")).unwrap();
    let unit = unit();
    let lines = unit
        .lines()
        .filter_map(|line| line.strip_prefix("Environment="));
    let names: Vec<&str> = lines.filter_map(|line| line.split('=').next()).collect();
    assert!(names.contains(&"NATS_NKEY_FILE"), "{names:?}");
    for name in names {
        assert!(settings.contains(&format!("`{name}`")), "{name}");
    }
}

/// A process that is killed while it stops has lost nothing, but answers that were under way.
#[test]
fn the_unit_waits_for_a_stop_to_end() {
    let unit = unit();
    let value = |key: &str| -> u64 {
        let line = unit.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|value| value.parse().ok()).unwrap()
    };
    let (drain, wait) = (
        value("Environment=ORDERTRACE_DRAIN_SECS="),
        value("TimeoutStopSec="),
    );
    // `docs/operations.md`: 25 s at most after the drain, and 30 s is what it says to give.
    assert!(wait >= drain + 30, "{wait} s after {drain} s of drain");
}
