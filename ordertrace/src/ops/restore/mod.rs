//! `ordertrace ops restore DIR`: a backup back into a server that has none of its streams.
//!
//! Invariants: nothing is made before every file was compared with its sum; the log is served only after it was verified;
//! whatever ends a restore in the middle leaves nothing on which a role would start. Without `--yes` it only says what it
//! would do.

mod mismatch;
mod put;
mod verify;

use anyhow::{Context as _, bail};
use ordertrace_audit::Trust;
use ordertrace_nats::{BACKUP_ORDER, JetStreamBackup};
use serde_json::json;

pub(crate) use mismatch::Mismatch;

use super::backup::{Opened, STREAMS};
use super::{Interrupted, print::Printer, reach, reach::Reached};
use crate::audit;
use crate::cli::RestoreArgs;
use put::{Put, Verdict};

/// What to do about what is left of a restore that did not come to its end.
const LEFT: &str = "the restore did not come to its end, and no role starts on what it has left. Remove it before the next one, \
     all four that are there: `nats stream rm ORDERTRACE_EVENTS`, and so ORDERTRACE_CHECKPOINTS, ORDERTRACE_DLQ, \
     ORDERTRACE_TIMERS; or, where dev runs its own server, the folder `nats` of the data folder";

const INTERRUPTED: &str = "the log is not served; run the same command again after removing what is left of it, as \
     `ordertrace ops restore --help` says";

const ROWS: [(&str, &str); 6] = [
    ("backup of", "/createdAt"),
    ("log", "/incarnation"),
    ("checkpoint at", "/checkpointSize"),
    ("server", "/server"),
    ("replicas", "/replicas"),
    ("done", "/done"),
];

/// Restores a backup, or says what that would do.
pub(super) async fn run(printer: &Printer, args: RestoreArgs) -> anyhow::Result<()> {
    let trust = audit::trust(&args.trust)?;
    let opened = Opened::read(&args.dir)?;
    opened.check_files()?;
    let reached = reach::any(&args.nats, &args.data).await?;
    let restored = tokio::select! {
        restored = restore(printer, &args, &trust, &opened, &reached) => restored,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.map_err(Into::into).and_then(|()| Err(Interrupted(INTERRUPTED).into()))
        }
    };
    reached.stop().await;
    restored
}

async fn restore(
    printer: &Printer,
    args: &RestoreArgs,
    trust: &Trust,
    opened: &Opened,
    reached: &Reached,
) -> anyhow::Result<()> {
    let backup = JetStreamBackup::new(&reached.connection);
    refuse_what_is_there(&backup).await?;
    let mut verdict = None;
    if args.confirm.yes {
        let put = Put {
            connection: &reached.connection,
            backup: &backup,
            opened,
            replicas: args.nats.nats_replicas.into(),
            trust,
            despite_mismatch: args.despite_mismatch,
        };
        verdict = Some(put.all().await.context(LEFT)?);
    }
    say(printer, args, opened, &backup, verdict)
}

async fn refuse_what_is_there(backup: &JetStreamBackup) -> anyhow::Result<()> {
    for stream in BACKUP_ORDER {
        match backup.info(stream).await? {
            None => {}
            Some(info) if info.is_withheld() => bail!(LEFT),
            Some(info) => bail!(
                "there is a stream {stream} with {} messages already: a backup is restored only where there is none of its \
                 streams, and nothing was changed",
                info.state.messages
            ),
        }
    }
    Ok(())
}

fn say(
    printer: &Printer,
    args: &RestoreArgs,
    opened: &Opened,
    backup: &JetStreamBackup,
    verdict: Option<Verdict>,
) -> anyhow::Result<()> {
    let manifest = &opened.manifest;
    let streams = serde_json::to_value(&manifest.streams)?;
    let shown = json!({
        "createdAt": manifest.created_at,
        "incarnation": manifest.incarnation,
        "checkpointSize": manifest.checkpoint_size(),
        "server": format!("nats-server {}", backup.server_version()),
        "replicas": ordertrace_nats::Replicas::from(args.nats.nats_replicas),
        "done": done(verdict),
        "streams": streams,
    });
    printer.one(&shown, &ROWS)?;
    printer.rows(streams.as_array().map_or(&[], Vec::as_slice), &STREAMS)
}

const fn done(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "nothing; --yes restores these streams, and no role may run meanwhile",
        Some(Verdict::Signed) => "the log is restored, verified and served",
        Some(Verdict::Integrity) => {
            "the log is restored, verified for integrity only (no key was given), and served"
        }
        Some(Verdict::Unsound) => {
            "the log is restored and served, although it was found not to be sound"
        }
    }
}
