//! Whether a log goes on from a checkpoint that somebody kept: the only thing that binds it to its past.

use ordertrace_domain::{Hash, Sequence};

use super::complete::Roots;
use super::finding::Found;
use super::{Note, Root, Trust, Wrong};
use crate::{Checkpoint, Mismatch, Path, check_consistency};

/// How a checkpoint that was kept stands to the present one, by their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// They are over the same events.
    Same,
    /// The kept one is over fewer.
    Earlier,
}

/// Compares what can be compared without any event. The log may have another name since, if the keys of both are trusted.
pub(super) fn relate(
    kept: &Checkpoint,
    present: &Checkpoint,
    trust: &Trust,
) -> Result<Relation, Wrong> {
    let note = Note::Kept;
    let is_renamed = trust.is_trusted(&kept.origin) && trust.is_trusted(&present.origin);
    if kept.origin != present.origin && !is_renamed {
        return Err(Wrong::OtherOrigin {
            note,
            expected: present.origin.clone(),
            found: kept.origin.clone(),
        });
    }
    if kept.incarnation != present.incarnation {
        return Err(Wrong::Recreated {
            note,
            expected: present.incarnation,
            found: kept.incarnation,
        });
    }
    if kept.size > present.size {
        return Err(Wrong::RolledBack {
            note,
            expected: kept.size,
            found: present.size,
        });
    }
    if kept.size < present.size {
        return Ok(Relation::Earlier);
    }
    let roots = Roots {
        tree: present.tree_root,
        map: present.map_root,
    };
    compare(kept, note, roots).map(|()| Relation::Same)
}

/// Compares a checkpoint with what its roots are now.
pub(super) fn compare(checkpoint: &Checkpoint, note: Note, now: Roots) -> Result<(), Wrong> {
    let pairs = [
        (Root::Tree, checkpoint.tree_root, now.tree),
        (Root::Map, checkpoint.map_root, now.map),
    ];
    let mut differing = pairs.into_iter().filter(|(_, then, now)| then != now);
    match differing.next() {
        None => Ok(()),
        Some((root, expected, found)) => Err(Wrong::Forked {
            note,
            size: checkpoint.size,
            root,
            expected,
            found: Found::Root(found),
        }),
    }
}

/// Checks that the present tree began with that of the kept checkpoint.
pub(super) fn check_began_with(
    kept: &Checkpoint,
    present: (Sequence, Hash),
    proof: &Path,
) -> Result<(), Wrong> {
    let checked = check_consistency(proof, (kept.size, kept.tree_root), present);
    checked.map_err(|Mismatch| Wrong::Forked {
        note: Note::Kept,
        size: kept.size,
        root: Root::Tree,
        expected: kept.tree_root,
        found: Found::Another,
    })
}
