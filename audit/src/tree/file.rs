//! All hashes of the tree, in a file, so that every proof is a few reads.
//!
//! The file holds nothing but the hashes, 32 bytes each, in the order in which they become complete (`tlog_tiles` numbers
//! them so), and is only ever appended to. It is disposable: it follows from the log.
//!
//! Invariant: a hash in it never changes. Whoever opens it says how large the tree was when everything was last synced;
//! what the file has beyond that is cut off. It deliberately does not check the hashes it finds; the root tells.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path as FilePath;

use ordertrace_domain::{Hash, Sequence};
use tlog_tiles::tlog::{self, HashReader};

use super::{Frontier, Path, from_tlog, leaf_of};

const HASH_BYTES: u64 = tlog::HASH_SIZE as u64;

/// So many bytes are collected before they are written: few calls, and little to lose.
const PENDING_BYTES_MAX: usize = 1 << 20;

/// Why the tree can't be read or grown.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The file can't be read or written.
    #[error("the file of the tree's hashes can't be used")]
    Io(#[from] io::Error),
    /// The file ends before the tree does; the tree has to be built anew.
    #[error("the file of the tree's hashes ends before a tree of size {0} does")]
    TooShort(Sequence),
    /// What was asked for is not in the tree.
    #[error("not in the tree: {0}")]
    NotInTree(String),
}

impl From<tlog::Error> for TreeError {
    fn from(error: tlog::Error) -> Self {
        Self::NotInTree(error.to_string())
    }
}

/// A growing tree, all of whose hashes are in a file.
#[derive(Debug)]
pub struct TreeFile {
    file: File,
    frontier: Frontier,
    /// How many hashes are in the file; those after them are pending.
    written: u64,
    pending: Vec<u8>,
}

impl TreeFile {
    /// Opens a file, or makes one, for a tree of this size, and cuts off what is beyond it.
    ///
    /// # Errors
    /// See [`TreeError`].
    pub fn open(path: &FilePath, size: Sequence) -> Result<Self, TreeError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path)?;
        let written = tlog::stored_hash_count(size.get());
        if file.metadata()?.len() < written * HASH_BYTES {
            return Err(TreeError::TooShort(size));
        }
        file.set_len(written * HASH_BYTES)?;
        let mut tree = Self {
            file,
            frontier: Frontier::new(),
            written,
            pending: Vec::new(),
        };
        tree.frontier = Frontier::read(size.get(), &tree)?;
        Ok(tree)
    }

    /// How many leaves there are: the position of the last event.
    pub const fn size(&self) -> Sequence {
        self.frontier.size()
    }

    /// Adds a leaf.
    ///
    /// # Errors
    /// [`TreeError::Io`].
    pub fn push(&mut self, leaf: Hash) -> Result<(), TreeError> {
        for hash in self.frontier.push(leaf) {
            self.pending.extend_from_slice(hash.as_bytes());
        }
        if self.pending.len() >= PENDING_BYTES_MAX {
            self.write()?;
        }
        Ok(())
    }

    /// Writes everything up to now, and gives the file: once that is synced, it outlives a power cut. Whoever syncs it need
    /// not hold the tree.
    ///
    /// # Errors
    /// [`TreeError::Io`].
    pub fn hand_over(&mut self) -> Result<File, TreeError> {
        self.write()?;
        Ok(self.file.try_clone()?)
    }

    /// Makes sure that everything up to now outlives a power cut.
    ///
    /// # Errors
    /// [`TreeError::Io`].
    pub fn sync(&mut self) -> Result<(), TreeError> {
        self.write()?;
        Ok(self.file.sync_data()?)
    }

    /// The root of the tree as it was at this size.
    ///
    /// # Errors
    /// [`TreeError::NotInTree`] if it has not grown that far.
    pub fn root(&self, size: Sequence) -> Result<Hash, TreeError> {
        Ok(from_tlog(tlog::tree_hash(self.known(size)?, self)?))
    }

    /// The hash of a leaf.
    ///
    /// # Errors
    /// [`TreeError::NotInTree`] if there is none at this position.
    pub fn leaf(&self, position: Sequence) -> Result<Hash, TreeError> {
        let index = tlog::stored_hash_index(0, self.known_leaf(position)?);
        let hashes = self.read_hashes(&[index])?;
        let hash = hashes.first().copied().map(from_tlog);
        hash.ok_or_else(|| TreeError::NotInTree(format!("position {position}")))
    }

    /// Proves that the tree of this size has the leaf at this position.
    ///
    /// # Errors
    /// [`TreeError::NotInTree`].
    pub fn inclusion(&self, position: Sequence, size: Sequence) -> Result<Path, TreeError> {
        let leaf = self.known_leaf(position)?;
        let path = tlog::prove_record(self.known(size)?, leaf, self)?;
        Ok(path.into_iter().map(from_tlog).collect())
    }

    /// Proves that the tree of the newer size began with that of the older one.
    ///
    /// # Errors
    /// [`TreeError::NotInTree`].
    pub fn consistency(&self, old: Sequence, new: Sequence) -> Result<Path, TreeError> {
        if old == Sequence::START {
            return Ok(Path::new());
        }
        let path = tlog::prove_tree(self.known(new)?, old.get(), self)?;
        Ok(path.into_iter().map(from_tlog).collect())
    }

    fn known(&self, size: Sequence) -> Result<u64, TreeError> {
        if size > self.size() {
            return Err(TreeError::NotInTree(format!("size {size}")));
        }
        Ok(size.get())
    }

    fn known_leaf(&self, position: Sequence) -> Result<u64, TreeError> {
        let leaf = leaf_of(position).filter(|_| position <= self.size());
        leaf.ok_or_else(|| TreeError::NotInTree(format!("position {position}")))
    }

    fn write(&mut self) -> Result<(), TreeError> {
        self.file
            .write_all_at(&self.pending, self.written * HASH_BYTES)?;
        self.written += self.pending.len() as u64 / HASH_BYTES;
        self.pending.clear();
        Ok(())
    }

    fn stored(&self, index: u64) -> io::Result<tlog::Hash> {
        let mut hash = [0; tlog::HASH_SIZE];
        match index.checked_sub(self.written) {
            None => self.file.read_exact_at(&mut hash, index * HASH_BYTES)?,
            Some(pending) => {
                let from = usize::try_from(pending * HASH_BYTES).unwrap_or(usize::MAX);
                let bytes = self.pending.get(from..).unwrap_or_default();
                let bytes = bytes.first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
                hash = *bytes;
            }
        }
        Ok(tlog::Hash(hash))
    }
}

impl HashReader for TreeFile {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let stored = indexes.iter().map(|index| self.stored(*index));
        let hashes: io::Result<Vec<_>> = stored.collect();
        hashes.map_err(|error| tlog::Error::InvalidInput(error.to_string()))
    }
}
