//! The published checkpoints of a log, as they come.

use ordertrace_domain::Sequence;

use super::{Found, Note, Root, Wrong};
use crate::{Checkpoint, SignedCheckpoint};

/// The checkpoints, as far as they were given.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub(super) count: u64,
    /// Whether all were given.
    pub(super) is_all: bool,
    pub(super) number: Sequence,
    /// The last one that could be read.
    pub(super) last: Option<SignedCheckpoint>,
    /// The same, until the log comes as far as it.
    pub(super) ahead: Option<(Sequence, Checkpoint)>,
    /// Up to here the log is known to be the one that was signed for.
    pub(super) confirmed: Sequence,
}

/// A checkpoint that is not over more than the one before it: of the same size it has to be the same, or it is a fork.
pub(super) fn not_rising(
    note: Note,
    checkpoint: &Checkpoint,
    before: Option<&Checkpoint>,
) -> Wrong {
    let forked = before.filter(|before| {
        before.size == checkpoint.size && before.tree_root != checkpoint.tree_root
    });
    match forked {
        Some(before) => Wrong::Forked {
            note,
            size: checkpoint.size,
            root: Root::Tree,
            expected: checkpoint.tree_root,
            found: Found::Root(before.tree_root),
        },
        None => Wrong::NotRising {
            note,
            before: before.map_or(Sequence::START, |before| before.size),
            size: checkpoint.size,
        },
    }
}
