//! Which layout a tree is in, of which revision, and of which log: whether it can be gone on with.
//!
//! Two numbers say what the bytes are. A tree of another *layout* can't be read: it is set aside. One of another *revision* can be
//! read and served, but was made by another `apply`: the next revision is built beside it.

use ordertrace_domain::{Incarnation, Position};
use serde::{Deserialize, Serialize};

use super::{StoreError, Unfit, key, progress::Progress, value};

/// The number of how rows, keys and values are stored. To be raised with every change of a type that is stored or of a key.
const LAYOUT: u32 = 6;

/// The number of what `apply` makes of the events. To be raised when the same events come to other rows.
pub const REVISION: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Layout {
    layout: u32,
}

/// What a tree is.
pub(super) struct Checked {
    pub(super) revision: u32,
    pub(super) progress: Progress,
}

/// Whether the tree can be gone on with; a tree without anything is begun, in this revision.
pub(super) fn check(
    tree: &sled::Db,
    head: Position,
    revision: u32,
) -> Result<Result<Checked, Unfit>, StoreError> {
    let Some(layout) = tree.get(key::LAYOUT)? else {
        if tree.is_empty() {
            return begin(tree, head.incarnation, revision).map(Ok);
        }
        return Err(StoreError::Damaged("the layout is missing".to_owned()));
    };
    if layout.first() != Some(&value::FORMAT) {
        let found = format!("format {:?}", layout.first());
        return Ok(Err(other_layout(found)));
    }
    let Layout { layout } = value::open(&key::LAYOUT, &layout)?;
    if layout != LAYOUT {
        return Ok(Err(other_layout(format!("layout {layout}"))));
    }
    let revision = tree.get(key::REVISION)?;
    let revision =
        revision.ok_or_else(|| StoreError::Damaged("the revision is missing".to_owned()))?;
    let checked = Checked {
        revision: value::open(&key::REVISION, &revision)?,
        progress: Progress::read(tree)?,
    };
    Ok(check_log(&checked.progress, head).map(|()| checked))
}

fn other_layout(found: String) -> Unfit {
    Unfit::OtherLayout {
        found,
        expected: format!("format {}, layout {LAYOUT}", value::FORMAT),
    }
}

fn check_log(progress: &Progress, head: Position) -> Result<(), Unfit> {
    if progress.incarnation != head.incarnation {
        return Err(Unfit::OtherLog {
            found: progress.incarnation,
            expected: head.incarnation,
        });
    }
    if progress.sequence > head.sequence {
        return Err(Unfit::AheadOfLog {
            view: progress.sequence,
            head: head.sequence,
        });
    }
    Ok(())
}

/// Begins a tree without anything.
pub(super) fn begin(
    tree: &sled::Db,
    incarnation: Incarnation,
    revision: u32,
) -> Result<Checked, StoreError> {
    let progress = Progress::start(incarnation);
    let layout = Layout { layout: LAYOUT };
    let mut batch = sled::Batch::default();
    batch.insert(&key::LAYOUT, value::seal(&key::LAYOUT, &layout)?);
    batch.insert(&key::REVISION, value::seal(&key::REVISION, &revision)?);
    batch.insert(&key::PROGRESS, value::seal(&key::PROGRESS, &progress)?);
    tree.apply_batch(batch)?;
    Ok(Checked { revision, progress })
}
