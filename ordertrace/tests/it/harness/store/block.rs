//! A block of messages: records one behind the other, little-endian.
//!
//! ```text
//! u32  the record's length; its highest bit says that there are headers
//! u64  sequence
//! i64  recorded at, in nanoseconds since 1970
//! u16  the subject's length, and the subject
//! u32  the headers' length, and the headers, if there are any
//!      the payload
//! u64  checksum, over all of the above but the lengths
//! ```

use highway::{HighwayHash as _, HighwayHasher, Key};
use sha2::{Digest as _, Sha256};

/// Ahead of a record's subject.
const HEAD_BYTES: usize = 22;

/// Behind its payload.
const CHECKSUM_BYTES: usize = 8;

/// In a record's length.
const HAS_HEADERS: u32 = 1 << 31;

/// Sequences above this are marks of deleted messages.
const SEQUENCE_MAX: u64 = (1 << 62) - 1;

/// What the headers begin with.
const HEADERS_VERSION: &str = "NATS/1.0\r\n";

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) sequence: u64,
    /// In nanoseconds since 1970.
    pub(crate) recorded_ns: i64,
    pub(crate) subject: String,
    /// As on the wire; empty if there are none.
    pub(crate) headers: String,
    pub(crate) payload: Vec<u8>,
}

/// What the checksums of a block are made with.
pub(super) struct BlockKey(Key);

impl BlockKey {
    pub(super) fn of(stream: &str, block: u32) -> Self {
        Self(key_of(&format!("{stream}-{block}")))
    }

    /// Over the sequence and the time, the subject, and what follows it.
    fn checksum(&self, record: &[u8]) -> [u8; CHECKSUM_BYTES] {
        let subject_end = HEAD_BYTES + usize::from(u16::from_le_bytes(array(&record[20..])));
        let has_headers = u32::from_le_bytes(array(record)) & HAS_HEADERS != 0;
        let content = subject_end + if has_headers { 4 } else { 0 };
        checksum(
            &self.0,
            [
                &record[4..20],
                &record[HEAD_BYTES..subject_end],
                &record[content..],
            ],
        )
    }
}

/// The key that the server makes of a name.
pub(super) fn key_of(name: &str) -> Key {
    let hash = Sha256::digest(name);
    Key([0, 8, 16, 24].map(|at| u64::from_le_bytes(array(&hash[at..]))))
}

/// The server's checksum over these parts.
pub(super) fn checksum<const N: usize>(key: &Key, parts: [&[u8]; N]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = HighwayHasher::new(Key(key.0));
    for part in parts {
        hasher.append(part);
    }
    hasher.finalize64().to_le_bytes()
}

/// The messages of a block, each found to have a good checksum.
pub(super) fn read_block(block: &[u8], key: &BlockKey) -> Vec<Stored> {
    let (mut messages, mut rest) = (Vec::new(), block);
    while !rest.is_empty() {
        let length = u32::from_le_bytes(array(rest)) & !HAS_HEADERS;
        let (record, after) = rest.split_at(length as usize);
        messages.push(Stored::read(record, key));
        rest = after;
    }
    messages
}

impl Stored {
    fn read(record: &[u8], key: &BlockKey) -> Self {
        let (content, sum) = record.split_at(record.len() - CHECKSUM_BYTES);
        assert_eq!(key.checksum(content), sum, "the layout is another one");
        let has_headers = u32::from_le_bytes(array(content)) & HAS_HEADERS != 0;
        let sequence = u64::from_le_bytes(array(&content[4..]));
        assert!((1..=SEQUENCE_MAX).contains(&sequence), "a deleted message");
        let subject = usize::from(u16::from_le_bytes(array(&content[20..])));
        let (subject, rest) = content[HEAD_BYTES..].split_at(subject);
        let (headers, payload) = if has_headers {
            let length = u32::from_le_bytes(array(rest)) as usize;
            rest[4..].split_at(length)
        } else {
            rest.split_at(0)
        };
        Self {
            sequence,
            recorded_ns: i64::from_le_bytes(array(&content[12..])),
            subject: text(subject),
            headers: text(headers),
            payload: payload.to_vec(),
        }
    }

    /// Writes the record behind those that are there.
    pub(super) fn write(&self, key: &BlockKey, block: &mut Vec<u8>) {
        let begin = block.len();
        block.extend([0; 4]);
        block.extend(self.sequence.to_le_bytes());
        block.extend(self.recorded_ns.to_le_bytes());
        block.extend(u16::try_from(self.subject.len()).unwrap().to_le_bytes());
        block.extend(self.subject.as_bytes());
        if !self.headers.is_empty() {
            let length = u32::try_from(self.headers.len()).unwrap();
            block.extend(length.to_le_bytes());
            block.extend(self.headers.as_bytes());
        }
        block.extend(&self.payload);
        let length = u32::try_from(block.len() - begin + CHECKSUM_BYTES).unwrap();
        let flag = if self.headers.is_empty() {
            0
        } else {
            HAS_HEADERS
        };
        block[begin..begin + 4].copy_from_slice(&(length | flag).to_le_bytes());
        let checksum = key.checksum(&block[begin..]);
        block.extend(checksum);
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header_lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Gives a header another value, or adds it; without a value it is removed.
    pub(crate) fn set_header(&mut self, name: &str, value: Option<&str>) {
        let is_other = |line: &&str| line.split_once(':').is_none_or(|(its, _)| its != name);
        let mut lines: Vec<String> = self
            .header_lines()
            .filter(is_other)
            .map(str::to_owned)
            .collect();
        lines.extend(value.map(|value| format!("{name}: {value}")));
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        self.headers = format!("{HEADERS_VERSION}{lines}\r\n");
    }

    fn header_lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.headers.strip_prefix(HEADERS_VERSION).unwrap_or("");
        lines.split("\r\n").filter(|line| !line.is_empty())
    }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
