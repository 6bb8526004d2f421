//! `ops backup` and `ops restore`: what was there is there again and goes on; what was changed is refused; what was cut off
//! is not served.

mod cut;
mod refused;
mod three;
mod unsound;
mod whole;

use std::path::Path;

use crate::harness::Program;

/// Runs `ordertrace ops`, and gives its exit code and what it printed and complained of.
async fn ops(args: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Program::run(["ops"].iter().chain(args)).await;
    (program.code(), program.stdout(), program.stderr())
}

/// Backs up what runs on a data folder.
async fn back_up(folder: &Path, data: &Path) {
    let (folder, data) = (text(folder), text(data));
    let (code, stdout, stderr) = ops(&["backup", folder, "--data-dir", data]).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.contains("ORDERTRACE_EVENTS"), "{stdout}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Whether a restore without a key says so, and complains of nothing else.
fn says_integrity_only(stderr: &str) -> bool {
    stderr.starts_with("integrity only: ") && stderr.lines().count() == 1
}
