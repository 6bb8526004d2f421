//! How the map is kept: entries close to each other in one piece, and above them a binary tree that remembers its hashes.
//!
//! Invariant: a node's hash is [`fold::subtree`] of all entries below it. A node that is shared with a snapshot is copied
//! before it is changed.

use std::sync::{Arc, OnceLock};

use ordertrace_domain::Hash;

use super::fold::{self, Entry};
use super::{MapKey, Tip};

/// So many entries are kept in one piece before it is split: it saves most of the nodes above, and costs a few hashes more
/// for each change.
const FEW: usize = 8;

#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Sorted by key.
    Few(Vec<Entry>),
    /// Never fewer entries than make a piece too large.
    Many {
        left: Arc<Node>,
        right: Arc<Node>,
        hash: OnceLock<Hash>,
    },
}

impl Default for Node {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Node {
    pub(super) fn get(&self, key: MapKey) -> Option<Tip> {
        let mut node = self;
        for depth in 0.. {
            match node {
                Self::Many { left, right, .. } => node = if key.bit(depth) { right } else { left },
                Self::Few(entries) => {
                    let at = entries.binary_search_by_key(&key, |entry| entry.key).ok()?;
                    return entries.get(at).map(|entry| entry.tip);
                }
            }
        }
        None
    }

    /// Sets an entry below a node at this depth from what it was, and says whether it is a new one. What is refused changes
    /// nothing but that hashes have to be computed again.
    pub(super) fn change<E>(
        this: &mut Arc<Self>,
        key: MapKey,
        depth: usize,
        tip: impl FnOnce(Option<Tip>) -> Result<Tip, E>,
    ) -> Result<bool, E> {
        match Arc::make_mut(this) {
            Self::Many { left, right, hash } => {
                hash.take();
                let child = if key.bit(depth) { right } else { left };
                Self::change(child, key, depth + 1, tip)
            }
            Self::Few(entries) => match entries.binary_search_by_key(&key, |entry| entry.key) {
                Ok(at) => {
                    let known = &mut entries[at].tip;
                    *known = tip(Some(*known))?;
                    Ok(false)
                }
                Err(at) => {
                    let tip = tip(None)?;
                    entries.insert(at, Entry { key, tip });
                    if entries.len() > FEW {
                        *this = Arc::new(Self::of(entries, depth));
                    }
                    Ok(true)
                }
            },
        }
    }

    /// A node at this depth over sorted entries. Keys are digests, so it does not go deep.
    fn of(entries: &[Entry], depth: usize) -> Self {
        if entries.len() <= FEW {
            return Self::Few(entries.to_vec());
        }
        let (left, right) = fold::split(entries, depth);
        Self::Many {
            left: Arc::new(Self::of(left, depth + 1)),
            right: Arc::new(Self::of(right, depth + 1)),
            hash: OnceLock::new(),
        }
    }

    pub(super) fn hash(&self, depth: usize) -> Hash {
        match self {
            Self::Few(entries) => fold::subtree(entries, depth),
            Self::Many { left, right, hash } => {
                *hash.get_or_init(|| fold::node(left.hash(depth + 1), right.hash(depth + 1)))
            }
        }
    }

    /// The hashes beside the way to an entry, from the root down.
    pub(super) fn siblings(&self, key: MapKey, siblings: &mut Vec<Hash>) {
        let mut node = self;
        for depth in 0.. {
            match node {
                Self::Many { left, right, .. } => {
                    let (on, beside) = if key.bit(depth) {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    siblings.push(beside.hash(depth + 1));
                    node = on;
                }
                Self::Few(entries) => return beside_entries(entries, key, depth, siblings),
            }
        }
    }
}

fn beside_entries(entries: &[Entry], key: MapKey, depth: usize, siblings: &mut Vec<Hash>) {
    let mut rest = entries;
    for depth in depth.. {
        if rest.len() <= 1 {
            return;
        }
        let (left, right) = fold::split(rest, depth);
        let (on, beside) = if key.bit(depth) {
            (right, left)
        } else {
            (left, right)
        };
        siblings.push(fold::subtree(beside, depth + 1));
        rest = on;
    }
}
