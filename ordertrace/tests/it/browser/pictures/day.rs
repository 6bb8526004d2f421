//! Spreads what was recorded within a minute over the day before, as if the shop had been open for it.
//!
//! The log says when it recorded an event, and nobody can tell it another time, so this is done behind its back: in the
//! files of a `nats-server` that has ended. For pictures only. Its checksums are made anew, so it finds nothing wrong; an
//! order's hash chain is of payloads alone, and stays as it is.

use std::fs;
use std::path::{Path, PathBuf};

use highway::{HighwayHash as _, HighwayHasher, Key};
use sha2::{Digest as _, Sha256};

const STREAM: &str = "ORDERTRACE_EVENTS";

/// Ahead of a record's subject: its length, the message's sequence and time, and the subject's length.
const HEAD_BYTES: usize = 22;
/// Behind its payload.
const CHECKSUM_BYTES: usize = 8;
/// In a record's length: it has headers, whose length stands behind the subject.
const HAS_HEADERS: u32 = 1 << 31;

/// What was recorded up to a sequence happened from this time on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened {
    pub(super) sequence_max: u64,
    /// In nanoseconds since 1970, as the log has it.
    pub(super) at_ns: i64,
}

/// Moves each event to the time at which it is to have happened; those of one happening keep their distances.
pub(super) fn spread(data_dir: &Path, day: &[Happened]) {
    let folder = data_dir.join("nats/jetstream/$G/streams").join(STREAM);
    let folder = folder.join("msgs");
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut clock = Clock {
        day,
        begun: None,
        now_ns: 0,
    };
    for file in files {
        match block_number(&file) {
            Some(number) => rewrite(&file, &key_of(number), &mut clock),
            // What the server has written down about the blocks; it finds it out by itself.
            None => fs::remove_file(&file).unwrap(),
        }
    }
}

/// `1.blk`
fn block_number(file: &Path) -> Option<u32> {
    let name = file.file_name()?.to_str()?;
    name.strip_suffix(".blk")?.parse().ok()
}

/// The key of a block's checksums.
fn key_of(block: u32) -> Key {
    let hash = Sha256::digest(format!("{STREAM}-{block}"));
    Key([0, 8, 16, 24].map(|at| u64::from_le_bytes(array(&hash[at..]))))
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().unwrap()
}

fn rewrite(file: &Path, key: &Key, clock: &mut Clock<'_>) {
    let mut block = fs::read(file).unwrap();
    let mut rest = block.as_mut_slice();
    while !rest.is_empty() {
        let length = u32::from_le_bytes(array(rest));
        let (record, after) = rest.split_at_mut((length & !HAS_HEADERS) as usize);
        assert_eq!(
            checksum(record, key),
            record[record.len() - CHECKSUM_BYTES..]
        );
        let sequence = u64::from_le_bytes(array(&record[4..]));
        let recorded_ns = i64::from_le_bytes(array(&record[12..]));
        let at_ns = clock.time_of(sequence, recorded_ns);
        record[12..20].copy_from_slice(&at_ns.to_le_bytes());
        let checksum = checksum(record, key);
        let end = record.len() - CHECKSUM_BYTES;
        record[end..].copy_from_slice(&checksum);
        rest = after;
    }
    fs::write(file, block).unwrap();
}

/// Over all of a record but its lengths.
fn checksum(record: &[u8], key: &Key) -> [u8; CHECKSUM_BYTES] {
    let subject_end = HEAD_BYTES + usize::from(u16::from_le_bytes(array(&record[20..])));
    let has_headers = u32::from_le_bytes(array(record)) & HAS_HEADERS != 0;
    let content = subject_end + if has_headers { 4 } else { 0 };
    let mut hasher = HighwayHasher::new(Key(key.0));
    hasher.append(&record[4..20]);
    hasher.append(&record[HEAD_BYTES..subject_end]);
    hasher.append(&record[content..record.len() - CHECKSUM_BYTES]);
    hasher.finalize64().to_le_bytes()
}

/// What time it was, event by event.
struct Clock<'a> {
    day: &'a [Happened],
    /// Of the happening under way: its last event, and how far its first was moved.
    begun: Option<(u64, i64)>,
    /// When the last event was: the log's time never goes back.
    now_ns: i64,
}

impl Clock<'_> {
    fn time_of(&mut self, sequence: u64, recorded_ns: i64) -> i64 {
        let moved_ns = match self.begun {
            Some((sequence_max, moved_ns)) if sequence <= sequence_max => moved_ns,
            _ => self.begin(sequence, recorded_ns),
        };
        self.now_ns = (recorded_ns + moved_ns).max(self.now_ns + 1);
        self.now_ns
    }

    fn begin(&mut self, sequence: u64, recorded_ns: i64) -> i64 {
        let next = self.day.iter().find(|next| sequence <= next.sequence_max);
        let next = next.expect("each event is of a happening");
        let moved_ns = next.at_ns - recorded_ns;
        self.begun = Some((next.sequence_max, moved_ns));
        moved_ns
    }
}
