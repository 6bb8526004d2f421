//! Checks of proofs, for whoever has a root and no tree.

use ordertrace_domain::{Hash, Sequence};
use tlog_tiles::tlog;

use super::{Path, leaf_of, to_tlog};

/// The largest tree whose proofs are looked at: far beyond any log, and far from where sizes would overflow.
const SIZE_MAX: u64 = 1 << 56;

/// A proof does not lead to what is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to the root")]
pub struct Mismatch;

/// Checks that the tree with this size and root has this leaf at this position.
///
/// # Errors
/// [`Mismatch`], also for positions and sizes that can't be.
pub fn check_inclusion(
    path: &[Hash],
    position: Sequence,
    leaf: Hash,
    size: Sequence,
    root: Hash,
) -> Result<(), Mismatch> {
    let index = leaf_of(position).ok_or(Mismatch)?;
    if size.get() > SIZE_MAX {
        return Err(Mismatch);
    }
    let path = path.iter().copied().map(to_tlog).collect();
    tlog::check_record(&path, size.get(), to_tlog(root), index, to_tlog(leaf)).map_err(|_| Mismatch)
}

/// Checks that the tree with the newer size and root began with all the leaves of the older one.
///
/// # Errors
/// [`Mismatch`], also for sizes that can't be. Every tree began empty: size 0 needs no proof, and must not bring one.
pub fn check_consistency(
    path: &Path,
    (old_size, old_root): (Sequence, Hash),
    (new_size, new_root): (Sequence, Hash),
) -> Result<(), Mismatch> {
    if new_size.get() > SIZE_MAX {
        return Err(Mismatch);
    }
    if old_size == Sequence::START {
        let is_empty = path.is_empty() && to_tlog(old_root) == tlog::EMPTY_HASH;
        return if is_empty { Ok(()) } else { Err(Mismatch) };
    }
    let path = path.iter().copied().map(to_tlog).collect();
    let (new, old) = (to_tlog(new_root), to_tlog(old_root));
    tlog::check_tree(&path, new_size.get(), new, old_size.get(), old).map_err(|_| Mismatch)
}
