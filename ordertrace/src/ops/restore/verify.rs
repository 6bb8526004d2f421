//! Looks at the whole restored log before it is served.

use anyhow::anyhow;
use ordertrace_audit::SignedCheckpoint;
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{Connection, JetStreamBackup, StreamState};

use super::Mismatch;
use crate::audit;
use crate::ops::backup::{Bar, Manifest};

/// Verifies the restored log with its checkpoints, as `audit verify` does without a key: none of its events is missing, each
/// is its order's next one, and the log goes on from the last checkpoint that was backed up.
///
/// # Errors
/// A [`Mismatch`] names the first position that is wrong; any other error says that it could not be looked at.
pub(super) async fn verify_restored(
    connection: &Connection,
    manifest: &Manifest,
) -> anyhow::Result<()> {
    let entry = manifest.stream(EVENTS_STREAM);
    let state = entry.map_or(StreamState::EMPTY, |entry| entry.state);
    if !state.is_dense() {
        return Err(Mismatch::Incomplete {
            messages: state.messages,
            last: state.last,
        }
        .into());
    }
    let incarnation = JetStreamBackup::new(connection).incarnation().await?;
    if incarnation.to_string() != manifest.incarnation {
        return Err(anyhow!("the restored log calls itself {incarnation}"));
    }
    let last = manifest.checkpoint.as_deref();
    let last = last.map(|note| SignedCheckpoint::parse(note.as_bytes()));
    let last = last.transpose().map_err(Mismatch::Checkpoint)?;
    let bar = Bar::events("verifying", state.last);
    let progress = |_| bar.advance(1);
    let verified = audit::verify_restored(connection, incarnation, last, progress).await?;
    verified.map_err(Mismatch::Log)?;
    Ok(())
}
