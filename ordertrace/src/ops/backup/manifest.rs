//! What a backup says of itself.
//!
//! Invariant: the sums cover the manifest, and the manifest the streams; a file is known by the name of its stream, so that
//! no manifest leads anywhere else.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ordertrace_domain::{Incarnation, Position};
use ordertrace_nats::{BACKUP_ORDER, Fired, Places, StreamConfig, StreamState};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Bar;
use crate::ops::Mismatch;

/// What this program writes and reads.
pub(in crate::ops) const FORMAT: &str = "ordertrace-backup/1";
/// The file with everything about the others.
pub(super) const MANIFEST: &str = "manifest.json";
/// The file with the SHA-256 of all others, as `sha256sum -c` reads it.
pub(super) const SUMS: &str = "SHA256SUMS";

/// More than a manifest has: a note and four configurations.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// How much of a file is read at once.
const READ_BYTES: usize = 1024 * 1024;

/// What is in a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(in crate::ops) format: String,
    pub(in crate::ops) created_at: String,
    pub(in crate::ops) server_version: String,
    /// Which log it is.
    pub(in crate::ops) incarnation: String,
    /// The text of the last checkpoint in it.
    pub(in crate::ops) checkpoint: Option<String>,
    /// Where the saga stood before the first of the snapshots.
    pub(in crate::ops) places: Places,
    /// The timers that went off while theirs was taken.
    pub(in crate::ops) fired_meanwhile: Vec<Fired>,
    /// The snapshots, in the order in which they were taken.
    pub(in crate::ops) streams: Vec<StreamFile>,
}

/// A snapshot in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StreamFile {
    pub(in crate::ops) stream: String,
    pub(in crate::ops) file: String,
    pub(in crate::ops) bytes: u64,
    pub(in crate::ops) sha256: String,
    /// How much of the stream is in it.
    pub(in crate::ops) state: StreamState,
    /// The stream's configuration, as the server writes it.
    pub(in crate::ops) config: StreamConfig,
}

/// A backup whose manifest was read and is sound.
pub(in crate::ops) struct Opened {
    pub(in crate::ops) manifest: Manifest,
    pub(in crate::ops) incarnation: Incarnation,
    folder: PathBuf,
}

/// The file of a stream.
pub(in crate::ops) fn file_of(stream: &str) -> String {
    format!("{stream}.snapshot")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Manifest {
    /// A stream's entry.
    pub(in crate::ops) fn stream(&self, name: &str) -> Option<&StreamFile> {
        self.streams.iter().find(|file| file.stream == name)
    }

    /// How many events the last checkpoint is over: the second line of its note.
    pub(in crate::ops) fn checkpoint_size(&self) -> Option<u64> {
        self.checkpoint.as_deref()?.lines().nth(1)?.parse().ok()
    }

    /// How many bytes its files have.
    pub(in crate::ops) fn file_bytes(&self) -> u64 {
        self.streams.iter().map(|file| file.bytes).sum()
    }

    /// Whether it holds the streams there are, each in its own file.
    fn is_of_our_streams(&self) -> bool {
        let named = self.streams.iter().map(|file| file.stream.as_str());
        named.eq(BACKUP_ORDER)
            && self
                .streams
                .iter()
                .all(|it| it.file == file_of(&it.stream) && is_of(it))
    }
}

/// Whether the configuration is that of the stream.
fn is_of(file: &StreamFile) -> bool {
    file.config.get("name").and_then(|name| name.as_str()) == Some(&file.stream)
}

impl Opened {
    /// Reads the manifest of a backup. Its files are not looked at yet.
    pub(in crate::ops) fn read(folder: &Path) -> anyhow::Result<Self> {
        let text = read_text(&folder.join(MANIFEST))?;
        let sums = read_text(&folder.join(SUMS))?;
        let expected = format!("{}  {MANIFEST}", hex(&Sha256::digest(&text)));
        if !sums.lines().any(|line| line == expected) {
            return Err(Mismatch::Sum(MANIFEST.to_owned()).into());
        }
        let manifest: Manifest = serde_json::from_str(&text).map_err(Mismatch::Manifest)?;
        let incarnation = Position::parse(&format!("{}-0", manifest.incarnation));
        match incarnation {
            Ok(position) if manifest.format == FORMAT && manifest.is_of_our_streams() => Ok(Self {
                manifest,
                incarnation: position.incarnation,
                folder: folder.to_owned(),
            }),
            Ok(_) | Err(_) => Err(Mismatch::Foreign(folder.to_owned()).into()),
        }
    }

    /// Compares every file with its length and its sum.
    pub(in crate::ops) fn check_files(&self) -> anyhow::Result<()> {
        let bar = Bar::bytes("checking", self.manifest.file_bytes());
        for entry in &self.manifest.streams {
            bar.say(&entry.file);
            let mut file = self.open(entry)?;
            let found = file.metadata()?.len();
            if found != entry.bytes {
                return Err(Mismatch::Length(entry.file.clone(), found, entry.bytes).into());
            }
            if sum_of(&mut file, &bar)? != entry.sha256 {
                return Err(Mismatch::Sum(entry.file.clone()).into());
            }
        }
        bar.finish();
        Ok(())
    }

    /// A stream's file, from its beginning.
    pub(in crate::ops) fn open(&self, entry: &StreamFile) -> anyhow::Result<File> {
        let path = self.folder.join(file_of(&entry.stream));
        File::open(&path).with_context(|| format!("{} can't be read", path.display()))
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let unread = || format!("{} can't be read", path.display());
    let length = fs::metadata(path).with_context(unread)?.len();
    if length > TEXT_BYTES_MAX {
        return Err(Mismatch::Foreign(path.to_owned()).into());
    }
    let bytes = fs::read(path).with_context(unread)?;
    String::from_utf8(bytes).map_err(|_| Mismatch::Foreign(path.to_owned()).into())
}

fn sum_of(file: &mut File, bar: &Bar) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&buffer[..read]);
        bar.advance(read as u64);
    }
}
