//! The files of a `nats-server` that has ended, as somebody changes them who owns the machine.
//!
//! Invariant: what is written is whole. Its checksums are made anew, and what the server has noted down about its files,
//! which it finds out by itself, is removed: a server that starts on it has nothing to complain of. It deliberately knows
//! only streams that no message was ever deleted from, uncompressed and unencrypted, and does not look at what the
//! messages say.

mod block;
mod settings;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use block::Stored;
use block::{BlockKey, read_block};

/// The server begins a new block of its own at about this size.
const BLOCK_BYTES: usize = 4 * 1024 * 1024;

/// One stream of a stopped server.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    stream: &'static str,
    folder: PathBuf,
}

impl Store {
    /// A stream of the server that `dev` had on a data folder.
    pub(crate) fn of(data_dir: &Path, stream: &'static str) -> Self {
        let streams = streams_of(data_dir).join("$G/streams");
        Self {
            stream,
            folder: streams.join(stream),
        }
    }

    /// All messages, in the order of the log.
    pub(crate) fn messages(&self) -> Vec<Stored> {
        let blocks = self.blocks().into_iter();
        blocks
            .flat_map(|(number, file)| {
                read_block(&fs::read(file).unwrap(), &BlockKey::of(self.stream, number))
            })
            .collect()
    }

    /// Puts these messages in the place of all that were there.
    pub(crate) fn put(&self, messages: &[Stored]) {
        let folder = self.messages_folder();
        for file in files(&folder) {
            fs::remove_file(file).unwrap();
        }
        let (mut number, mut block) = (1, Vec::new());
        for message in messages {
            if block.len() > BLOCK_BYTES {
                fs::write(folder.join(format!("{number}.blk")), &block).unwrap();
                (number, block) = (number + 1, Vec::new());
            }
            message.write(&BlockKey::of(self.stream, number), &mut block);
        }
        fs::write(folder.join(format!("{number}.blk")), &block).unwrap();
    }

    /// Reads all messages, changes them, and writes them.
    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut Vec<Stored>) -> T) -> T {
        let mut messages = self.messages();
        let changed = change(&mut messages);
        self.put(&messages);
        changed
    }

    /// Replaces the whole stream, its settings and its consumers included, by that of another stopped server.
    pub(crate) fn replace_by(&self, other: &Self) {
        fs::remove_dir_all(&self.folder).unwrap();
        copy_folder(&other.folder, &self.folder);
    }

    /// When the stream says that it was created.
    pub(crate) fn created(&self) -> String {
        settings::created(&self.folder)
    }

    /// Makes the stream say that it was created at another time.
    pub(crate) fn set_created(&self, created: &str) {
        settings::set_created(&self.folder, self.stream, created);
    }

    fn messages_folder(&self) -> PathBuf {
        self.folder.join("msgs")
    }

    /// The blocks of messages, by their numbers.
    fn blocks(&self) -> Vec<(u32, PathBuf)> {
        let files = files(&self.messages_folder()).into_iter();
        let mut blocks: Vec<_> = files
            .filter_map(|file| Some((block_number(&file)?, file)))
            .collect();
        blocks.sort();
        blocks
    }
}

/// Copies all streams of a stopped server, and nothing else of it, to another data folder.
pub(crate) fn copy_streams(from: &Path, to: &Path) {
    copy_folder(&streams_of(from), &streams_of(to));
}

/// Where the managed server of a data folder keeps its streams.
fn streams_of(data_dir: &Path) -> PathBuf {
    data_dir.join("nats/jetstream")
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}

/// `1.blk`
fn block_number(file: &Path) -> Option<u32> {
    let name = file.file_name()?.to_str()?;
    name.strip_suffix(".blk")?.parse().ok()
}
