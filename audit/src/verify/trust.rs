//! What a verifier brings along. It comes from elsewhere than what is verified, or it is worth nothing.

use super::{Note, Wrong};
use crate::{PublicKey, SignatureError, SignedCheckpoint};

/// What a verifier trusts.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The log's keys: more than one where its key was changed, each under its own name or under the same one. Without any
    /// it is only checked that all fits together: integrity, and not by whom.
    pub keys: Vec<PublicKey>,
    /// A checkpoint that was kept since earlier: the log has to go on from it.
    pub kept: Option<SignedCheckpoint>,
    /// Witnesses, each of which has to have cosigned.
    pub witnesses: Vec<PublicKey>,
}

impl Trust {
    /// Whether something is wanted that takes a checkpoint.
    pub(super) const fn wants_checkpoint(&self) -> bool {
        !self.keys.is_empty() || self.kept.is_some() || !self.witnesses.is_empty()
    }

    /// Whether a key of this origin is among the log's: two that are both trusted are one log under two names.
    pub(super) fn is_trusted(&self, origin: &str) -> bool {
        self.keys.iter().any(|key| key.name() == origin)
    }

    /// Whether a checkpoint is signed by a key of its own origin, if there are keys to check that with.
    pub(super) fn check(&self, checkpoint: &SignedCheckpoint, note: Note) -> Result<(), Wrong> {
        let checks = self.keys.iter().map(|key| checkpoint.check(key));
        let mut failed: Option<SignatureError> = None;
        for checked in checks {
            match checked {
                Ok(()) => return Ok(()),
                Err(error) => failed = Some(failed.map_or(error.clone(), |it| nearer(it, error))),
            }
        }
        let Some(error) = failed else { return Ok(()) };
        Err(match error {
            SignatureError::OtherOrigin { origin, .. } => Wrong::OtherOrigin {
                note,
                expected: self.origins(),
                found: origin,
            },
            error => Wrong::signature(note, error),
        })
    }

    fn origins(&self) -> String {
        let names: Vec<_> = self.keys.iter().map(PublicKey::name).collect();
        names.join(" or ")
    }
}

/// Of two reasons why no key's signature counts, the one that says more.
fn nearer(one: SignatureError, other: SignatureError) -> SignatureError {
    const fn rank(error: &SignatureError) -> u8 {
        match error {
            SignatureError::OtherOrigin { .. } => 0,
            SignatureError::Missing(_) => 1,
            SignatureError::Wrong(_) => 2,
            SignatureError::WrongUse(_) => 3,
        }
    }
    if rank(&other) > rank(&one) {
        other
    } else {
        one
    }
}
