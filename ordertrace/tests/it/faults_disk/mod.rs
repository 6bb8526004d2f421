//! A disk that fails beneath the log: it is full, it does not keep what it is asked to keep, or the power is cut.
//!
//! In each the log's server is under a load of at least a hundred acknowledged commands a second when the fault comes; the fault
//! is seen where it was made, not concluded from what follows; clients notice; and in the end the log holds everything that was
//! acknowledged, nothing of what was said not to be stored, and each order once.
//!
//! The disks are the machine's own doing, which takes root and a few tools: where they can't be had the test says that it was
//! skipped. Disks that lie even when they are asked to keep something are not here: nothing above them can help.

mod fsync;
mod full;
mod power_cut;
mod small_disk;
mod stand;
mod volatile_disk;

use std::process::{Command, Output};

use crate::harness::skip::skipped;

/// Runs a tool to its end; `None` where it can't be run, or fails, and then `what` was skipped.
fn run(what: &str, program: &str, args: &[&str]) -> Option<String> {
    let said = Command::new(program).args(args).output();
    let why = match said {
        Ok(output) if output.status.success() => {
            return Some(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Ok(Output { stderr, .. }) => String::from_utf8_lossy(&stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    skipped(what, &format!("{program}: {why}"));
    None
}

/// Runs a tool that only tidies up: what it was to put away may be away already.
fn tidy(program: &str, args: &[&str]) {
    let _ = Command::new(program).args(args).output();
}
