//! Whether a witness may cosign, by the rules of C2SP tlog-witness and two of ours.
//!
//! Ours are about what the protocol leaves open, the lines of a checkpoint after its root. A log keeps its incarnation: one
//! that was re-created under the same name is another log, even if its tree could go on. And of one size there is one
//! text: the same tree with another map would be a fork of the map.
//!
//! Invariant: what is cosigned goes on from what was cosigned before. Nothing here remembers anything.

use ordertrace_audit::{Checkpoint, PublicKey, SignedCheckpoint, check_consistency};
use ordertrace_domain::{Hash, Sequence};

use super::request::AddCheckpoint;

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The body is none.
    #[error("not a request to add a checkpoint, or not a checkpoint of an order log")]
    Malformed,
    /// The proof is said to begin behind the checkpoint.
    #[error("the old size is larger than the checkpoint's")]
    OldBeyond,
    /// The body is too long.
    #[error("the request is too large")]
    TooLarge,
    /// The witness is not told to look after this log.
    #[error("this log is not known here")]
    UnknownLog,
    /// No signature is by a key that the witness was given for the log.
    #[error("no signature by a key that is trusted here")]
    Untrusted,
    /// The proof begins elsewhere than where the witness stands.
    #[error("the last checkpoint that was cosigned here has the size {0}")]
    Elsewhere(Sequence),
    /// Another text of the size that was cosigned last: the log is forked.
    #[error("another checkpoint of this size was cosigned here")]
    Fork,
    /// Another stream under the name of the log.
    #[error("this log was re-created: the one that was cosigned here is another incarnation")]
    Recreated,
    /// The proof does not lead from the one to the other.
    #[error("the proof does not lead from the last checkpoint that was cosigned here to this one")]
    Unproven,
    /// What was decided could not be kept, now or before. Nothing is cosigned until the process starts anew.
    #[error("the witness can't remember what it cosigns, and cosigns nothing")]
    Forgetful,
}

/// The note with nothing but a signature of one of these keys, which was checked.
///
/// # Errors
/// [`Refusal::Untrusted`].
pub(super) fn trusted(
    signed: &SignedCheckpoint,
    keys: &[PublicKey],
) -> Result<SignedCheckpoint, Refusal> {
    // Whoever sends a note can add lines to it. Each is looked at by itself, so that none hides another.
    let text = signed.checkpoint().to_text();
    let signatures = signed.as_str().strip_prefix(&text).unwrap_or_default();
    let notes = signatures.lines().filter(|line| !line.is_empty());
    let mut notes = notes
        .filter_map(|line| SignedCheckpoint::parse(format!("{text}\n{line}\n").as_bytes()).ok());
    notes
        .find(|note| keys.iter().any(|key| note.check(key).is_ok()))
        .ok_or(Refusal::Untrusted)
}

/// Judges a checkpoint that is signed by the log, against the last one that was cosigned.
///
/// # Errors
/// See [`Refusal`].
pub(super) fn judge(seen: Option<&Checkpoint>, asked: &AddCheckpoint) -> Result<(), Refusal> {
    let new = asked.signed.checkpoint();
    if asked.old > new.size {
        return Err(Refusal::OldBeyond);
    }
    // Every log began empty.
    let (size, root) = seen.map_or((Sequence::START, Hash::of(b"")), |it| {
        (it.size, it.tree_root)
    });
    if asked.old != size {
        return Err(Refusal::Elsewhere(size));
    }
    if seen.is_some_and(|seen| seen.incarnation != new.incarnation) {
        return Err(Refusal::Recreated);
    }
    let is_same = seen.map_or(new.tree_root == root, |seen| seen == new);
    if new.size == size && !is_same {
        return Err(Refusal::Fork);
    }
    let proven = check_consistency(&asked.proof, (size, root), (new.size, new.tree_root));
    proven.map_err(|_| Refusal::Unproven)
}
