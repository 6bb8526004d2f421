//! The SHA-256 of a file, computed on a thread of its own while the file is read.
//!
//! Invariant: it is the digest of all blocks in the order in which they were given, wherever it is computed. A file that is
//! no larger than a block never gets a thread, and neither does one for which the system has none.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use ordertrace_domain::Hash;
use sha2::{Digest as _, Sha256};

/// So many blocks may wait to be hashed: hashing is faster than reading, so that more would only take up memory.
const BLOCKS_WAITING_MAX: usize = 4;

/// The digest of what was given so far.
#[derive(Debug, Default)]
pub(super) struct FileDigest {
    /// Of all that was hashed on the caller's thread.
    here: Sha256,
    beside: Option<Beside>,
}

/// The thread, which goes on from what was hashed before it began.
#[derive(Debug)]
struct Beside {
    blocks: SyncSender<Vec<u8>>,
    /// Blocks that were hashed, to be filled again.
    emptied: Receiver<Vec<u8>>,
    thread: JoinHandle<Sha256>,
}

impl Beside {
    fn begin(hasher: Sha256) -> io::Result<Self> {
        let (blocks, waiting) = sync_channel(BLOCKS_WAITING_MAX);
        let (empty, emptied) = channel();
        let name = "export-digest".to_owned();
        let thread = Builder::new()
            .name(name)
            .spawn(move || hash(hasher, &waiting, &empty))?;
        Ok(Self {
            blocks,
            emptied,
            thread,
        })
    }
}

/// Hashes until nobody gives any more. There are never more empty blocks than were once given.
fn hash(mut hasher: Sha256, blocks: &Receiver<Vec<u8>>, empty: &Sender<Vec<u8>>) -> Sha256 {
    for mut block in blocks {
        hasher.update(&block);
        block.clear();
        // Nobody wants it back once the file has been read.
        let _ = empty.send(block);
    }
    hasher
}

impl FileDigest {
    /// Takes the next block, and gives an empty one for what follows.
    pub(super) fn push(&mut self, mut block: Vec<u8>) -> Vec<u8> {
        if self.beside.is_none() {
            self.beside = Beside::begin(self.here.clone()).ok();
        }
        let Some(beside) = &self.beside else {
            self.here.update(&block);
            block.clear();
            return block;
        };
        // The thread is there until it is joined, unless it panicked, which joining tells.
        let _ = beside.blocks.send(block);
        beside.emptied.try_recv().unwrap_or_default()
    }

    /// All blocks and these last bytes, hashed so far that more can follow.
    ///
    /// # Errors
    /// If the thread failed.
    pub(super) fn finish(self, rest: &[u8]) -> io::Result<Sha256> {
        let mut hasher = match self.beside {
            None => self.here,
            Some(Beside { blocks, thread, .. }) => {
                drop(blocks);
                let hasher = thread.join();
                hasher.map_err(|_| io::Error::other("the thread that hashes the file failed"))?
            }
        };
        hasher.update(rest);
        Ok(hasher)
    }
}

/// What it comes to.
pub(super) fn digest_of(hasher: Sha256) -> Hash {
    Hash::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_all_blocks_in_their_order() {
        for count in 0..20_u8 {
            let (mut digest, mut all, mut block) = (FileDigest::default(), Vec::new(), Vec::new());
            for number in 0..count {
                block.resize(1_000 + usize::from(number), number);
                all.extend_from_slice(&block);
                block = digest.push(block);
                assert!(block.is_empty());
            }
            let found = digest_of(digest.finish(b"rest").unwrap());
            all.extend_from_slice(b"rest");
            assert_eq!(found, Hash::of(&all), "{count} blocks");
        }
    }
}
