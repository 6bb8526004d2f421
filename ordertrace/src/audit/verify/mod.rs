//! `audit verify`: whether the log, or a file that was made of it, is what it says to be.
//!
//! Invariant: success is said only when every check has passed, and it says what that shows and what it does not. A file is
//! verified with nothing but itself and what the verifier brings along: no connection, no data folder. Nothing here says
//! that something can't be tampered with; it says whether it shows.

mod json;
mod live;
mod offline;
mod reading;
mod refuted;
mod report;
mod restored;
mod trust;

use ordertrace_audit::{Report, SignedCheckpoint};

use crate::cli::{ReportFormat, VerifyArgs};

pub(super) use offline::shown;
pub(crate) use refuted::Refuted;
pub(super) use report::print;
pub(crate) use restored::verify_restored;
pub(crate) use trust::trust;

pub(super) async fn run(args: VerifyArgs) -> anyhow::Result<()> {
    let trust = trust(&args.trust)?;
    let kept = trust.kept.clone();
    let is_kept_unsigned = kept.is_some() && trust.keys.is_empty();
    let (name, verified) = match &args.file {
        Some(file) => (shown(file), offline::verify(file, &trust)?),
        None => (
            "the log".to_owned(),
            live::verify(&args.source, trust).await?,
        ),
    };
    print_as(args.output, &name, &verified)?;
    if is_kept_unsigned && verified.is_err() {
        say_kept_unsigned();
    }
    let report = verified?;
    say_who_signed(&report);
    demand_kept(&report, kept.as_ref())
}

fn print_as(
    output: ReportFormat,
    name: &str,
    verified: &Result<Report, Refuted>,
) -> anyhow::Result<()> {
    let text = match (output, verified) {
        (ReportFormat::Table, Ok(report)) => report::text(name, report),
        (ReportFormat::Table, Err(refuted)) => report::refuted_text(name, refuted),
        (ReportFormat::Json, Ok(report)) => json::report(report)?,
        (ReportFormat::Json, Err(refuted)) => json::refuted(refuted)?,
    };
    print(text.as_bytes())
}

/// What is said of something that was verified.
pub(super) fn told(name: &str, report: &Report) -> String {
    report::text(name, report)
}

/// Without a key it is said aloud, also where the report goes into another program.
pub(crate) fn say_who_signed(report: &Report) {
    if report.signed_by.is_none() {
        eprintln!("integrity only: no key was given, so nobody is shown to have signed");
    }
}

/// What was kept may itself be what is wrong; only with a key that is found out before anything is compared with it.
fn say_kept_unsigned() {
    eprintln!(
        "no key was given, so it was not checked that the file of --checkpoint is what the log has signed: with --key it is, \
         and then it is told which of both is wrong"
    );
}

/// A checkpoint that was given and could not be compared with anything: what was asked for was not shown.
pub(super) fn demand_kept(report: &Report, kept: Option<&SignedCheckpoint>) -> anyhow::Result<()> {
    match kept {
        Some(kept) if report.is_kept_unproven() => {
            let size = kept.checkpoint().size;
            anyhow::bail!(
                "nothing is wrong with it, but it can't show that the log goes on from the checkpoint at {size} that was \
                 kept. That takes a complete export (`audit export FILE`), a bundle that was made for that checkpoint \
                 (`audit prove ORDER --checkpoint OLD`), or the log itself (`audit verify --checkpoint OLD`)"
            )
        }
        Some(_) | None => Ok(()),
    }
}
