//! The fold: the log, record by record, into the tree and the map.
//!
//! Invariant: the tree has every record, the map moves with those that are their order's next event, and both stand at the
//! same size. It asks nobody for anything: records come in, and what they come to goes out.

mod standing;
mod trail;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ordertrace_audit::{
    Chain, Checkpoint, Fault, MapKey, SecretKey, SignedCheckpoint, TreeError, TreeFile,
    check_consistency, leaf_hash,
};
use ordertrace_domain::{Hash, Incarnation, Link, Record, Sequence};

use crate::Halt;
pub use standing::Faults;
pub(crate) use standing::Standing;
pub(crate) use trail::TRAIL_MOVES_MAX;
use trail::{Move, Trail};

/// The tree, which is grown in one place and read from in many.
#[derive(Clone)]
pub(crate) struct SharedTree(Arc<RwLock<TreeFile>>);

impl SharedTree {
    pub(crate) fn new(tree: TreeFile) -> Self {
        Self(Arc::new(RwLock::new(tree)))
    }

    /// A reader that panicked has changed nothing, and the writer's errors are told by themselves.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, TreeFile> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, TreeFile> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A checkpoint that stands among the published ones, and whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) number: Sequence,
    pub(crate) recorded_at: ordertrace_domain::RecordedAt,
    pub(crate) signed: SignedCheckpoint,
}

impl Published {
    pub(crate) fn size(&self) -> Sequence {
        self.signed.checkpoint().size
    }
}

/// A record that is not its order's next event.
pub(crate) type Told = (Sequence, Fault);

/// How far the log was folded.
pub(crate) struct Fold {
    incarnation: Incarnation,
    tree: SharedTree,
    chain: Chain,
    faults: Faults,
    trail: Trail,
    /// Whether it began with what was kept in the folder, and not with the first event of the log.
    is_restored: bool,
}

impl Fold {
    /// Goes on from what was kept, or from nothing. The tree has its size.
    pub(crate) fn new(incarnation: Incarnation, tree: SharedTree, kept: Option<Standing>) -> Self {
        let is_restored = kept.is_some();
        let standing = kept.unwrap_or_default();
        Self {
            incarnation,
            tree,
            chain: Chain::of(standing.orders.clone()),
            faults: standing.faults,
            trail: Trail::from(standing),
            is_restored,
        }
    }

    /// See [`Fold::is_restored`], the field.
    pub(crate) const fn is_restored(&self) -> bool {
        self.is_restored
    }

    /// How far it has come.
    pub(crate) fn size(&self) -> Sequence {
        self.tree.read().size()
    }

    /// What the log comes to here.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            size: self.size(),
            orders: self.chain.map().clone(),
            faults: self.faults,
        }
    }

    /// Takes the next records of the log, and tells those that are not their order's next event.
    pub(crate) fn push_all(&mut self, records: &[Record]) -> Result<Vec<Told>, TreeError> {
        // Whoever wants a proof waits for the tree, so only what has to be done under its lock is done there.
        let leaves: Vec<Hash> = records.iter().map(leaf_hash).collect();
        let mut tree = self.tree.write();
        for leaf in leaves {
            tree.push(leaf)?;
        }
        drop(tree);
        let told = records.iter().filter_map(|record| self.follow(record));
        let told = told.collect();
        self.trail.shorten(TRAIL_MOVES_MAX);
        Ok(told)
    }

    fn follow(&mut self, record: &Record) -> Option<Told> {
        let followed = self.chain.follow(record);
        let moved = followed.as_ref().ok().and_then(|link| self.moved(link));
        self.trail.push(moved);
        let fault = followed.err()?;
        self.faults.add(record.sequence);
        Some((record.sequence, fault))
    }

    fn moved(&self, link: &Link) -> Move {
        let key = MapKey::of(link.order_id);
        self.chain.map().get(key).map(|tip| (key, tip))
    }

    /// Compares a checkpoint with what the log came to at its size, which the fold has reached. Gives that, unless it
    /// lies too far back; then only the tree was compared.
    pub(crate) fn compare(&mut self, published: &Published) -> Result<Option<Standing>, Halt> {
        let checkpoint = published.signed.checkpoint();
        let (number, size) = (published.number, checkpoint.size);
        let folded = self.tree.read().root(size)?;
        if folded != checkpoint.tree_root {
            let signed = checkpoint.tree_root;
            return Err(Halt::OtherTree {
                number,
                size,
                signed,
                folded,
            });
        }
        let Some(standing) = self.trail.standing_at(size) else {
            return Ok(None);
        };
        let folded = standing.orders.root();
        if folded != checkpoint.map_root {
            let signed = checkpoint.map_root;
            return Err(Halt::OtherMap {
                number,
                size,
                signed,
                folded,
            });
        }
        Ok(Some(standing))
    }

    /// The leaf at a position that was folded.
    pub(crate) fn leaf(&self, position: Sequence) -> Result<Hash, TreeError> {
        self.tree.read().leaf(position)
    }

    /// Forgets what lies before a checkpoint that needs no check.
    pub(crate) fn forget_before(&mut self, size: Sequence) {
        if size == self.size() {
            // What was signed here: no move has to be made a second time.
            self.trail = Trail::from(self.standing());
        } else {
            self.trail.standing_at(size);
        }
    }

    /// Signs what the log comes to here, once it is proven to go on from the last checkpoint.
    pub(crate) fn sign(
        &self,
        key: &SecretKey,
        last: Option<&Published>,
    ) -> Result<(SignedCheckpoint, Standing), Halt> {
        let standing = self.standing();
        let tree = self.tree.read();
        let tree_root = tree.root(standing.size)?;
        if let Some(last) = last {
            let before = last.signed.checkpoint();
            let (old, new) = ((before.size, before.tree_root), (standing.size, tree_root));
            let path = tree.consistency(before.size, standing.size)?;
            let size = before.size;
            check_consistency(&path, old, new).map_err(|_| Halt::Inconsistent { size })?;
        }
        let checkpoint = Checkpoint {
            origin: key.public().name().to_owned(),
            size: standing.size,
            tree_root,
            incarnation: self.incarnation,
            map_root: standing.orders.root(),
        };
        Ok((SignedCheckpoint::sign(checkpoint, key), standing))
    }
}
