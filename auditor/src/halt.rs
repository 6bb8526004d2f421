//! Why an audit has stopped for good.
//!
//! Invariant: whoever reads it learns both sides: what was expected, and what is there. A halt is never lifted while the
//! process lives; an operator has to look, and the next start looks again.

use std::sync::Arc;

use ordertrace_audit::TreeError;
use ordertrace_domain::{FeedError, Hash, Incarnation, Sequence};

/// Why an audit has stopped for good. It signs nothing any more, and follows the log no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The stream was deleted and created anew.
    #[error("the event stream was deleted or re-created: it is another log now")]
    Recreated,
    /// A message is missing within the log.
    #[error("the log has a gap: expected a message at {expected}, the next one is at {found}")]
    Gap {
        /// The position that is missing.
        expected: Sequence,
        /// The next one there is.
        found: Sequence,
    },
    /// The end of the log is missing: it was longer before.
    #[error("the log was truncated: it went as far as {expected}, and now ends at {found}")]
    Truncated {
        /// How far it went when it was folded, or when a checkpoint over it was signed.
        expected: Sequence,
        /// Where it ends, by the word of its leader.
        found: Sequence,
    },
    /// Another event stands where one was folded: the log was replaced by one that began alike, such as a backup that has
    /// been written to since.
    #[error(
        "the log was replaced: the event at position {position} is another one now; its leaf was {folded}, and is {found}"
    )]
    Replaced {
        /// Where it stands.
        position: Sequence,
        /// The leaf that was folded.
        folded: Hash,
        /// The leaf of what stands there.
        found: Hash,
    },
    /// A checkpoint that was accepted here is gone, or another one stands in its place.
    #[error(
        "the checkpoints were rolled back or changed: checkpoint {number}, which was accepted here, is not there any more"
    )]
    CheckpointsRolledBack {
        /// Its number.
        number: Sequence,
    },
    /// A checkpoint is missing between others.
    #[error("a checkpoint is missing: expected number {expected}, {}", next_one(*found))]
    CheckpointMissing {
        /// The number that is missing.
        expected: Sequence,
        /// The next one there is; none if those at the end were deleted, which the stream still counts.
        found: Option<Sequence>,
    },
    /// What stands among the checkpoints is none, or is not signed by a key that counts.
    #[error("checkpoint {number} is forged or damaged: {why}")]
    Forged {
        /// Its number.
        number: Sequence,
        /// What is wrong with it.
        why: Arc<str>,
    },
    /// A checkpoint of another log stands among those of this one.
    #[error("checkpoint {number} is of another log: of {found}, and this is {expected}")]
    OtherLog {
        /// Its number.
        number: Sequence,
        /// This log.
        expected: Incarnation,
        /// The one that it is of.
        found: Incarnation,
    },
    /// A checkpoint is not larger than the one before it.
    #[error("checkpoint {number} goes back: its size is {found}, after one of size {before}")]
    NotRising {
        /// Its number.
        number: Sequence,
        /// The size of the one before.
        before: Sequence,
        /// Its size.
        found: Sequence,
    },
    /// The events that a checkpoint was signed over are not those of the log.
    #[error(
        "the log is not the one that was signed: over the first {size} events checkpoint {number} has the tree root {signed}, the log has {folded}"
    )]
    OtherTree {
        /// The number of the checkpoint.
        number: Sequence,
        /// Its size.
        size: Sequence,
        /// What was signed.
        signed: Hash,
        /// What the log comes to.
        folded: Hash,
    },
    /// The events are those that were signed, and what they come to is not.
    #[error(
        "the log is not the one that was signed: over the first {size} events checkpoint {number} has the map root {signed}, the log has {folded}"
    )]
    OtherMap {
        /// The number of the checkpoint.
        number: Sequence,
        /// Its size.
        size: Sequence,
        /// What was signed.
        signed: Hash,
        /// What the log comes to.
        folded: Hash,
    },
    /// The tree does not prove that it goes on from the last checkpoint: its stored hashes are damaged.
    #[error("the tree does not prove that it goes on from the checkpoint of size {size}")]
    Inconsistent {
        /// The size of the last checkpoint.
        size: Sequence,
    },
    /// A witness has seen another log under this name, or more of it than there is: what is here was rolled back, changed,
    /// or created anew. Nothing was published since.
    #[error("the witness {witness} has seen another log than this one: {why}")]
    WitnessDisagrees {
        /// Its name, by its key.
        witness: Arc<str>,
        /// What it has seen.
        why: Arc<str>,
    },
    /// The folder does not take or give the bytes, however often that was tried. It says nothing of the log. The next start
    /// tries again.
    #[error("the audit's folder can't be used: {0}")]
    Storage(Arc<str>),
    /// The log's feed ended without an error, which none does.
    #[error("the log's feed ended")]
    FeedEnded,
}

impl Halt {
    /// Whether stored hashes that were damaged look the same. Then the log itself has to be asked before anybody is
    /// accused.
    pub(crate) const fn may_be_the_folders_fault(&self) -> bool {
        matches!(
            self,
            Self::Replaced { .. }
                | Self::OtherTree { .. }
                | Self::OtherMap { .. }
                | Self::Inconsistent { .. }
                | Self::WitnessDisagrees { .. }
        )
    }
}

fn next_one(found: Option<Sequence>) -> String {
    found.map_or_else(
        || "and there is none, though others were added behind it: they were deleted".to_owned(),
        |found| format!("the next one is number {found}"),
    )
}

impl From<FeedError> for Halt {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Recreated => Self::Recreated,
            FeedError::Gap { expected, found } => Self::Gap { expected, found },
        }
    }
}

impl From<TreeError> for Halt {
    fn from(error: TreeError) -> Self {
        Self::storage(&error)
    }
}

impl Halt {
    /// With the whole chain of causes: the halt is shown where the error is not at hand any more.
    pub(crate) fn storage(error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |error| error.source());
        let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        Self::Storage(text.into())
    }
}
