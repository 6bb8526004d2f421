//! `ordertrace ops backup DIR`: the streams, as the server's own snapshots, in a folder that can be checked by itself.
//!
//! Invariant: the folder appears under its name only when it is whole and on the disk. Nothing on the server is changed,
//! and orders go on meanwhile. It deliberately goes to NATS itself, not over the API: a backup has to be possible when no
//! role runs.

mod bar;
mod manifest;
mod partial;

use anyhow::{anyhow, bail};
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM, TIMERS_STREAM};
use ordertrace_nats::{BACKUP_ORDER, JetStreamBackup, StreamState};
use serde_json::json;

pub(super) use bar::Bar;
pub(super) use manifest::{FORMAT, Manifest, Opened, StreamFile};

use super::{Interrupted, print::Printer, reach};
use crate::cli::BackupArgs;
use manifest::file_of;
use partial::Partial;

const ROWS: [(&str, &str); 4] = [
    ("folder", "/folder"),
    ("log", "/incarnation"),
    ("server", "/serverVersion"),
    ("checkpoint at", "/checkpointSize"),
];

pub(super) const STREAMS: [(&str, &str); 5] = [
    ("STREAM", "/stream"),
    ("MESSAGES", "/state/messages"),
    ("LAST", "/state/last"),
    ("FILE BYTES", "/bytes"),
    ("SHA-256", "/sha256"),
];

/// Takes a backup, and prints what is in it.
pub(super) async fn run(printer: &Printer, args: BackupArgs) -> anyhow::Result<()> {
    let mut partial = Partial::begin(&args.dir)?;
    let manifest = tokio::select! {
        taken = take(&args, &mut partial) => taken?,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            return Err(Interrupted("nothing is left of the backup").into());
        }
    };
    partial.finish(&manifest)?;
    let streams = serde_json::to_value(&manifest.streams)?;
    let shown = json!({
        "folder": args.dir,
        "incarnation": manifest.incarnation,
        "serverVersion": manifest.server_version,
        "checkpointSize": manifest.checkpoint_size(),
        "streams": streams,
    });
    printer.one(&shown, &ROWS)?;
    printer.rows(streams.as_array().map_or(&[], Vec::as_slice), &STREAMS)
}

async fn take(args: &BackupArgs, partial: &mut Partial) -> anyhow::Result<Manifest> {
    let connection = reach::running(&args.nats, &args.data).await?;
    let backup = JetStreamBackup::new(&connection);
    let bar = Bar::bytes("backing up", stored_bytes(&backup).await?);
    let incarnation = backup.incarnation().await?;
    let places = backup.places().await?;
    let mut streams = Vec::with_capacity(BACKUP_ORDER.len());
    let mut fired_meanwhile = Vec::new();
    for stream in BACKUP_ORDER {
        let taken = take_one(&backup, stream, partial, &bar).await?;
        if stream == TIMERS_STREAM {
            fired_meanwhile = backup.fired_after(taken.state.last).await?;
        }
        streams.push(taken);
    }
    bar.finish();
    if backup.incarnation().await? != incarnation {
        bail!("the log was deleted, or created anew, while it was backed up");
    }
    let checkpoint = checkpoint(&backup, &streams).await?;
    Ok(Manifest {
        format: FORMAT.to_owned(),
        created_at: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        server_version: backup.server_version(),
        incarnation: incarnation.to_string(),
        checkpoint,
        places,
        fired_meanwhile,
        streams,
    })
}

/// How much the server holds. What comes is compressed, so the bar's end comes early rather than late.
async fn stored_bytes(backup: &JetStreamBackup) -> anyhow::Result<u64> {
    let mut bytes = 0_u64;
    for stream in BACKUP_ORDER {
        let info = backup.info(stream).await?;
        let info = info.ok_or_else(|| {
            anyhow!(
                "there is no stream {stream}: a role makes it when it starts, unless it was lost"
            )
        })?;
        if info.is_withheld() {
            bail!("the log on this server was restored and not released, so it was never served");
        }
        bytes = bytes.saturating_add(info.state.bytes);
    }
    Ok(bytes)
}

async fn take_one(
    backup: &JetStreamBackup,
    stream: &str,
    partial: &mut Partial,
    bar: &Bar,
) -> anyhow::Result<StreamFile> {
    bar.say(stream);
    let mut snapshot = backup.snapshot(stream).await?;
    let (state, config) = (snapshot.state, std::mem::take(&mut snapshot.config));
    let file = file_of(stream);
    let mut out = partial.file(&file)?;
    let mut received = 0_u64;
    while let Some(piece) = snapshot.next().await? {
        out.write(&piece)?;
        received += piece.len() as u64;
        bar.advance(piece.len() as u64);
    }
    let (bytes, sha256) = out.finish()?;
    bar.advance(state.bytes.saturating_sub(received));
    if stream == EVENTS_STREAM && !state.is_dense() {
        eprintln!(
            "warning: events are missing from the log: {state:?}; `restore` will say so, and not serve it"
        );
    }
    Ok(StreamFile {
        stream: stream.to_owned(),
        file,
        bytes,
        sha256,
        state,
        config,
    })
}

/// The text of the last checkpoint that is in the backup.
async fn checkpoint(
    backup: &JetStreamBackup,
    streams: &[StreamFile],
) -> anyhow::Result<Option<String>> {
    let of = |file: &&StreamFile| file.stream == CHECKPOINTS_STREAM;
    let state: Option<StreamState> = streams.iter().find(of).map(|file| file.state);
    match state {
        Some(state) if state.messages > 0 => {
            let note = backup.message(CHECKPOINTS_STREAM, state.last).await?;
            Ok(Some(String::from_utf8(note.to_vec())?))
        }
        Some(_) | None => Ok(None),
    }
}
