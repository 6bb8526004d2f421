//! Who signed a checkpoint.

use super::findings::Findings;
use super::kept::{Relation, relate};
use super::{Cosigned, Kept, Note, Refutation, Trust, Wrong};
use crate::SignedCheckpoint;

/// Checks the log's signature, if there are keys to check it with.
pub(super) fn check_signature(
    checkpoint: &SignedCheckpoint,
    note: Note,
    trust: &Trust,
    findings: &mut Findings,
) {
    if let Err(wrong) = trust.check(checkpoint, note) {
        findings.add(wrong);
    }
}

/// Checks that every witness cosigned, and gives when.
pub(super) fn check_witnesses(
    checkpoint: &SignedCheckpoint,
    note: Note,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Cosigned> {
    let mut cosigned = Vec::new();
    for key in &trust.witnesses {
        match checkpoint.check_cosignature(key) {
            Ok(at) => cosigned.push(Cosigned {
                witness: key.name().to_owned(),
                at,
            }),
            Err(error) => findings.add(Wrong::signature(note, error)),
        }
    }
    cosigned
}

/// The same for the checkpoint of a file, which has one unless nobody wants it; and that of a kept one.
pub(super) fn check_signed(
    checkpoint: Option<&SignedCheckpoint>,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Cosigned> {
    let cosigned = match checkpoint {
        Some(checkpoint) => {
            check_signature(checkpoint, Note::OfFile, trust, findings);
            check_witnesses(checkpoint, Note::OfFile, trust, findings)
        }
        None => {
            if trust.wants_checkpoint() {
                findings.add(Wrong::NoCheckpoint);
            }
            Vec::new()
        }
    };
    if let Some(kept) = &trust.kept {
        check_signature(kept, Note::Kept, trust, findings);
    }
    cosigned
}

/// A checkpoint alone, in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    /// What it says.
    pub checkpoint: SignedCheckpoint,
    /// The witnesses that were demanded.
    pub cosigned: Vec<Cosigned>,
    /// How it stands to the one that was kept: consistent only if they are over the same events.
    pub kept: Kept,
}

/// Verifies a checkpoint alone: that it is one, who signed it, and how it stands to the one that was kept.
///
/// # Errors
/// [`Refutation`] says what is wrong.
pub fn verify_checkpoint(note: &[u8], trust: &Trust) -> Result<VerifiedCheckpoint, Refutation> {
    let mut findings = Findings::default();
    let checkpoint = match SignedCheckpoint::parse(note) {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            let note = Note::OfFile;
            return Err(findings.and(Wrong::UnreadableCheckpoint { note, error }));
        }
    };
    let cosigned = check_signed(Some(&checkpoint), trust, &mut findings);
    let related = trust
        .kept
        .as_ref()
        .map(|kept| relate(kept.checkpoint(), checkpoint.checkpoint(), trust));
    let kept = match related {
        None => Kept::NotGiven,
        Some(Ok(Relation::Same)) => Kept::Consistent,
        Some(Ok(Relation::Earlier)) => Kept::NotShown,
        Some(Err(wrong)) => return Err(findings.and(wrong)),
    };
    findings.into_result()?;
    Ok(VerifiedCheckpoint {
        checkpoint,
        cosigned,
        kept,
    })
}
