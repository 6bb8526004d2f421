//! The audit as the routes see it: how it is doing, and proofs.
//!
//! Invariant: a proof is against a checkpoint that was published, and was checked before it is given out. One that does
//! not lead to its root would accuse the log of what a damaged folder has done; it is not given, and the folder is
//! built anew.

use std::sync::{
    Arc, RwLockReadGuard,
    atomic::{AtomicBool, Ordering},
};

use ordertrace_audit::{
    MapKey, MapProof, Path, SignedCheckpoint, TreeError, TreeFile, check_consistency,
    check_inclusion, check_map,
};
use ordertrace_domain::{Hash, Incarnation, OrderId, Sequence};
use tokio::sync::watch;

use crate::{
    AuditStatus, Faults, Halt,
    fold::{Published, SharedTree, Standing},
    status::LastCheckpoint,
};

/// A published checkpoint, and what the log came to there.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    pub(crate) published: Published,
    pub(crate) standing: Standing,
}

impl Proven {
    pub(crate) const fn signed(&self) -> &SignedCheckpoint {
        &self.published.signed
    }

    pub(crate) fn size(&self) -> Sequence {
        self.published.size()
    }

    fn tree_root(&self) -> Hash {
        self.signed().checkpoint().tree_root
    }
}

/// Why there is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoProof {
    /// It lies outside of what is asked about.
    #[error("not in the tree")]
    NotInTree,
    /// The folder is damaged, or being built anew.
    #[error("the tree is being built anew")]
    Unproven,
}

/// That an event is in the tree.
#[derive(Debug, Clone)]
pub(crate) struct Inclusion {
    pub(crate) leaf: Hash,
    pub(crate) path: Path,
}

/// That a tree began with another.
#[derive(Debug, Clone)]
pub(crate) struct Consistency {
    pub(crate) path: Path,
    pub(crate) from_root: Hash,
    pub(crate) to_root: Hash,
}

/// A running audit. Its clones are the same one.
#[derive(Clone)]
pub struct Audit {
    shared: Arc<Shared>,
}

struct Shared {
    incarnation: Incarnation,
    tree: SharedTree,
    status: watch::Sender<AuditStatus>,
    proven: watch::Sender<Option<Arc<Proven>>>,
    /// Whether a proof did not lead to its root.
    is_suspected: AtomicBool,
}

impl Audit {
    pub(crate) fn new(incarnation: Incarnation, tree: SharedTree, status: AuditStatus) -> Self {
        let shared = Shared {
            incarnation,
            tree,
            status: watch::Sender::new(status),
            proven: watch::Sender::new(None),
            is_suspected: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Which log is audited.
    pub fn incarnation(&self) -> Incarnation {
        self.shared.incarnation
    }

    /// How it is doing.
    pub fn status(&self) -> AuditStatus {
        self.shared.status.borrow().clone()
    }

    /// The same, to wait for changes.
    pub fn watch_status(&self) -> watch::Receiver<AuditStatus> {
        self.shared.status.subscribe()
    }

    /// The checkpoint that proofs are against, and what the log came to there; none until there is one.
    pub(crate) fn proven(&self) -> Option<Arc<Proven>> {
        self.shared.proven.borrow().clone()
    }

    /// The same, to wait for the next one.
    pub(crate) fn watch_proven(&self) -> watch::Receiver<Option<Arc<Proven>>> {
        self.shared.proven.subscribe()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut AuditStatus)) {
        self.shared.status.send_modify(change);
    }

    /// Takes a checkpoint that was found to be right. Without what the log came to there, proofs stay where they are.
    pub(crate) fn accept(&self, published: Published, standing: Option<Standing>) {
        self.update(|status| {
            status.last = Some(LastCheckpoint::of(&published));
            status.maps_not_compared += u64::from(standing.is_none());
        });
        if let Some(standing) = standing {
            let proven = Proven {
                published,
                standing,
            };
            self.shared.proven.send_replace(Some(Arc::new(proven)));
        }
    }

    pub(crate) fn halt(&self, halt: Halt) {
        self.update(|status| status.halted = Some(halt));
    }

    /// Forgets what can't be proven any more, and begins with what there is.
    pub(crate) fn begin_anew(&self, size: Sequence, faults: Faults) {
        self.shared.proven.send_replace(None);
        self.update(|status| {
            status.position.sequence = size;
            status.head_at_start_reached = false;
            status.last = None;
            status.faults = faults;
        });
        self.shared.is_suspected.store(false, Ordering::Relaxed);
    }

    /// Whether a proof did not lead to its root, so that the folder has to be built anew.
    pub(crate) fn is_suspected(&self) -> bool {
        self.shared.is_suspected.load(Ordering::Relaxed)
    }

    /// Proves that the tree of this size has the event at this position. A size below the checkpoint's has no root that
    /// this could be checked against but the tree's own.
    pub(crate) fn inclusion(
        &self,
        proven: &Proven,
        position: Sequence,
        size: Sequence,
    ) -> Result<Inclusion, NoProof> {
        if position == Sequence::START || position > size || size > proven.size() {
            return Err(NoProof::NotInTree);
        }
        let tree = self.tree(proven)?;
        let proof = (|| {
            let root = if size == proven.size() {
                proven.tree_root()
            } else {
                tree.root(size)?
            };
            let leaf = tree.leaf(position)?;
            let path = tree.inclusion(position, size)?;
            let is_good = check_inclusion(&path, position, leaf, size, root).is_ok();
            Ok(is_good.then_some(Inclusion { leaf, path }))
        })();
        self.trusted(proof)
    }

    /// Proves that the tree of the newer size began with that of the older one.
    pub(crate) fn consistency(
        &self,
        proven: &Proven,
        from: Sequence,
        to: Sequence,
    ) -> Result<Consistency, NoProof> {
        if from > to || to > proven.size() {
            return Err(NoProof::NotInTree);
        }
        let tree = self.tree(proven)?;
        let proof = (|| {
            let (from_root, to_root) = (tree.root(from)?, tree.root(to)?);
            let path = tree.consistency(from, to)?;
            let is_same = to != proven.size() || to_root == proven.tree_root();
            let checked = check_consistency(&path, (from, from_root), (to, to_root));
            let proof = Consistency {
                path,
                from_root,
                to_root,
            };
            Ok((is_same && checked.is_ok()).then_some(proof))
        })();
        self.trusted(proof)
    }

    /// Proves how far an order had come; none if it had no event.
    pub(crate) fn order(
        &self,
        proven: &Proven,
        order: OrderId,
    ) -> Result<Option<MapProof>, NoProof> {
        let Some(proof) = proven.standing.orders.prove(MapKey::of(order)) else {
            return Ok(None);
        };
        let root = proven.signed().checkpoint().map_root;
        let checked = check_map(&proof, order, root);
        self.trusted(Ok(checked.is_ok().then_some(proof))).map(Some)
    }

    /// The tree, unless it is being built anew and has not come that far.
    fn tree(&self, proven: &Proven) -> Result<RwLockReadGuard<'_, TreeFile>, NoProof> {
        let tree = self.shared.tree.read();
        if tree.size() < proven.size() {
            return Err(NoProof::Unproven);
        }
        Ok(tree)
    }

    /// A proof that was checked, or the suspicion that the folder is damaged.
    fn trusted<T>(&self, proof: Result<Option<T>, TreeError>) -> Result<T, NoProof> {
        match proof {
            Ok(Some(proof)) => return Ok(proof),
            Ok(None) => {
                tracing::error!("a proof does not lead to its root; the audit's folder is damaged")
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "a proof can't be read from the audit's folder"
            ),
        }
        self.shared.is_suspected.store(true, Ordering::Relaxed);
        Err(NoProof::Unproven)
    }
}
