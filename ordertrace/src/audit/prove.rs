//! `audit prove`: all events of an order, with the proof that these are all, in a file that needs nothing else.
//!
//! Invariant: what is written was verified here first, against whatever was brought along. A bundle that does not verify is
//! not kept.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use ordertrace_audit::{
    Report, SignedCheckpoint, Subject, Trust, VerifyError, escaped, verify_bundle,
};
use ordertrace_domain::{OrderId, Position};
use serde_json::Value;

use super::{
    Failure,
    api::{Api, Refused, whole},
    file::Unfinished,
    verify::{self, Refuted},
};
use crate::cli::{self, ProveArgs};

/// The most bytes of a bundle: an order has at most 1,000 events, and a payload at most 64 KiB, in base64.
const BUNDLE_BYTES_MAX: usize = 128 << 20;

/// More than the role has to say of itself.
const STATUS_BYTES_MAX: usize = 1 << 20;

/// More than a checkpoint with a signature of every witness there is has.
const NOTE_BYTES_MAX: usize = 64 << 10;

/// The name of the standard output.
const STDOUT: &str = "-";

pub(super) async fn run(args: ProveArgs) -> anyhow::Result<()> {
    let order = OrderId::parse(&args.order);
    let order = order.map_err(|invalid| cli::wrong(&format!("ORDER: {invalid}")))?;
    let trust = verify::trust(&args.trust)?;
    // Before anything is asked, so that it is known to be of use.
    let file = begin(&args, order)?;
    let api = Api::at(&args.api)?;
    let bundle = ask(&api, order, &trust).await?;
    let report = verified(&bundle, order, &trust)?;
    verify::demand_kept(&report, trust.kept.as_ref())?;
    let newer = newer(&api, &report).await;
    keep(file, &bundle, &report)?;
    say_newer(newer);
    Ok(())
}

/// Where it goes; none if that is the standard output.
fn begin(args: &ProveArgs, order: OrderId) -> anyhow::Result<Option<(PathBuf, Unfinished)>> {
    let file = match &args.output {
        Some(file) if file.as_os_str() == STDOUT => return Ok(None),
        Some(file) => file.clone(),
        None => PathBuf::from(format!("{order}.bundle.json")),
    };
    let unfinished = Unfinished::begin(&file, args.force)?;
    Ok(Some((file, unfinished)))
}

/// Writes it, and says what it is; beside it, where it goes to the standard output.
fn keep(file: Option<(PathBuf, Unfinished)>, bundle: &[u8], report: &Report) -> anyhow::Result<()> {
    let Some((file, mut unfinished)) = file else {
        verify::print(bundle)?;
        // That nobody is shown to have signed is in it.
        eprint!("{}", verify::told("the standard output", report));
        return Ok(());
    };
    unfinished.write_all(bundle)?;
    unfinished.finish()?;
    let name = verify::shown(&file);
    verify::print(verify::told(&name, report).as_bytes())?;
    verify::say_who_signed(report);
    Ok(())
}

fn say_newer(newer: Option<u64>) {
    match newer {
        Some(0) => {}
        Some(1) => eprintln!(
            "1 event of the log is newer than this checkpoint; what it says of the order is not in the bundle"
        ),
        Some(count) => eprintln!(
            "{count} events of the log are newer than this checkpoint; what they say of the order is not in the bundle"
        ),
        None => eprintln!(
            "how many events of the log are newer than this checkpoint is not known: the role did not say"
        ),
    }
}

async fn ask(api: &Api, order: OrderId, trust: &Trust) -> anyhow::Result<Vec<u8>> {
    let order = order.to_string();
    let kept = trust
        .kept
        .as_ref()
        .map(|kept| kept.checkpoint().size.to_string());
    let from = kept.as_deref().map(|size| ("from", size));
    let answer = api.get(&["audit", "orders", &order, "proof"], from).await;
    if let Err(error) = &answer
        && error.downcast_ref().is_some_and(Refused::is_not_found)
    {
        return Err(unknown(api, &order).await);
    }
    let answer = answer.with_context(|| match &kept {
        None => format!("order {order} can't be proven"),
        Some(size) => format!(
            "order {order} can't be proven from the checkpoint at {size}; `audit verify --checkpoint` tells whether the log \
             still goes as far"
        ),
    });
    whole(answer?, BUNDLE_BYTES_MAX).await
}

/// The role has no such order; says as of when.
async fn unknown(api: &Api, order: &str) -> anyhow::Error {
    let when = match checkpoint(api).await {
        Some(signed) => {
            let checkpoint = signed.checkpoint();
            format!(
                "at its checkpoint at {} ({})",
                checkpoint.size,
                escaped(&checkpoint.origin)
            )
        }
        None => "at its newest checkpoint".to_owned(),
    };
    anyhow::anyhow!(
        "order {order} can't be proven: the log has no event of it {when}; what was recorded since is in the next one"
    )
}

async fn checkpoint(api: &Api) -> Option<SignedCheckpoint> {
    let answer = api.get(&["audit", "checkpoint"], None).await.ok()?;
    let note = whole(answer, NOTE_BYTES_MAX).await.ok()?;
    SignedCheckpoint::parse(&note).ok()
}

fn verified(bundle: &[u8], order: OrderId, trust: &Trust) -> anyhow::Result<Report> {
    let report = match verify_bundle(bundle, trust) {
        Ok(report) => report,
        Err(VerifyError::Refuted(refutation)) => {
            let refuted = Refuted::from(refutation);
            return Err(anyhow::Error::new(refuted).context("what the role answered was not kept"));
        }
        Err(error) => return Err(error.into()),
    };
    match report.subject {
        Subject::Bundle(found) if found == order => Ok(report),
        ref other => Err(Failure::Mismatch(format!(
            "what the role answered was not kept: it is about another order than {order}: {other:?}"
        ))
        .into()),
    }
}

/// How many events of the log the role has seen that the checkpoint does not cover.
async fn newer(api: &Api, report: &Report) -> Option<u64> {
    let answer = api.get(&["audit", "status"], None).await.ok()?;
    let status: Value =
        serde_json::from_slice(&whole(answer, STATUS_BYTES_MAX).await.ok()?).ok()?;
    let position = Position::parse(status.get("position")?.as_str()?).ok()?;
    let checkpoint = report.checkpoint.as_ref()?.checkpoint();
    let is_same = position.incarnation == checkpoint.incarnation;
    is_same.then(|| {
        position
            .sequence
            .get()
            .saturating_sub(checkpoint.size.get())
    })
}
