//! Looks at the whole restored log before it is served.

use anyhow::anyhow;
use ordertrace_audit::{Kept, Report, SignedCheckpoint, Trust, verify_checkpoint};
use ordertrace_nats::subject::EVENTS_STREAM;
use ordertrace_nats::{Connection, JetStreamBackup, StreamState};

use super::Mismatch;
use crate::audit;
use crate::ops::backup::{Bar, Manifest};

/// Verifies the restored log with its checkpoints, as `audit verify` does: none of its events is missing, each is its order's
/// next one, the log goes on from the last checkpoint that was backed up, and from the one that was kept, and whoever is
/// trusted has signed it.
///
/// # Errors
/// A [`Mismatch`] names the first position that is wrong; any other error says that it could not be looked at.
pub(super) async fn verify_restored(
    connection: &Connection,
    manifest: &Manifest,
    trust: &Trust,
) -> anyhow::Result<Report> {
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
    let brought = Trust {
        kept: trust.kept.clone().or_else(|| last.clone()),
        ..trust.clone()
    };
    let verified = audit::verify_restored(connection, incarnation, brought, progress).await?;
    let report = verified.map_err(Mismatch::Log)?;
    let found = report.newest.as_ref().or(report.checkpoint.as_ref());
    is_last(last.as_ref(), found)?;
    Ok(report)
}

/// The checkpoint that the manifest names as the last one has to be the last one that was restored.
fn is_last(
    expected: Option<&SignedCheckpoint>,
    found: Option<&SignedCheckpoint>,
) -> Result<(), Mismatch> {
    let (Some(expected), Some(found)) = (expected, found) else {
        return match expected.is_none() && found.is_none() {
            true => Ok(()),
            false => Err(Mismatch::OtherCheckpoint),
        };
    };
    let trust = Trust {
        kept: Some(expected.clone()),
        ..Trust::default()
    };
    match verify_checkpoint(found.as_str().as_bytes(), &trust) {
        Ok(verified) if verified.kept == Kept::Consistent => Ok(()),
        Ok(_) | Err(_) => Err(Mismatch::OtherCheckpoint),
    }
}

#[cfg(test)]
mod tests {
    use ordertrace_audit::{Checkpoint, KeyUse, SecretKey};
    use ordertrace_domain::{Hash, Incarnation, Sequence};

    use super::*;

    fn checkpoint(size: u64, root: Hash) -> SignedCheckpoint {
        let key = SecretKey::from_seed("example.com/log", KeyUse::Log, [7; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: key.public().name().to_owned(),
            size: Sequence::new(size),
            tree_root: root,
            incarnation: Incarnation::from_created_nanos(1),
            map_root: Hash::ZERO,
        };
        SignedCheckpoint::sign(checkpoint, &key)
    }

    #[test]
    fn the_last_checkpoint_is_the_one_that_was_backed_up() {
        let last = checkpoint(7, Hash::ZERO);
        for same in [None, Some(&last)] {
            is_last(same, same).unwrap();
        }
        let (later, forked) = (checkpoint(8, Hash::ZERO), checkpoint(7, Hash::of(b"other")));
        for other in [None, Some(&later), Some(&forked)] {
            for (one, two) in [(Some(&last), other), (other, Some(&last))] {
                let refused = is_last(one, two);
                assert!(
                    matches!(refused, Err(Mismatch::OtherCheckpoint)),
                    "{refused:?}"
                );
            }
        }
    }
}
