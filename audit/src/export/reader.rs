//! Reads an export, a line at a time.

use std::io::{self, BufRead, Read as _};
use std::mem;

use ordertrace_domain::Sequence;
use sha2::{Digest as _, Sha256};

use super::digest::{FileDigest, digest_of};
use super::event::position_in;
use super::frame::{TRAILER, Trailer, take_digest};
use super::{End, ExportedEvent, Header, LINE_BYTES_MAX, take_record};
use crate::json::{Cursor, Off, Seconds};

/// So much is read before it is hashed: the digest of an export that is larger is computed on a thread of its own.
const BLOCK_BYTES: usize = 256 << 10;

/// Why an export or a bundle can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself can't be read.
    #[error("the file can't be read")]
    Io(#[from] io::Error),
    /// It is not in the form in which it is written.
    #[error("line {line} is not in the form in which it is written: {off}")]
    NotCanonical {
        /// Which line, counted from 1.
        line: u64,
        /// The position that the line says to be of, if it gets that far.
        position: Option<Sequence>,
        /// What is wrong with it.
        off: Off,
    },
    /// It ends before its last line does.
    #[error("the file ends in line {line}, before its last line is complete")]
    CutOff {
        /// The line in which it ends.
        line: u64,
    },
}

/// The next thing in an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Event(ExportedEvent),
    /// The end. Nothing follows it.
    End(Box<End>),
}

/// Reads an export. Its memory is that of a few blocks of lines.
#[derive(Debug)]
pub struct ExportReader<R> {
    lines: Lines<R>,
    header: Header,
    seconds: Seconds,
}

impl<R: BufRead> ExportReader<R> {
    /// Reads up to the first event.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn open(input: R) -> Result<Self, ReadError> {
        let mut lines = Lines::new(input);
        lines.read()?;
        let header = lines.parse(Header::take)?;
        Ok(Self {
            lines,
            header,
            seconds: Seconds::default(),
        })
    }

    /// Which log it is of, and which part.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The line that was read last, counted from 1.
    pub const fn line(&self) -> u64 {
        self.lines.number
    }

    /// Reads the next event, or the end.
    ///
    /// # Errors
    /// See [`ReadError`]. Nothing more can be read then.
    pub fn next_item(&mut self) -> Result<Item, ReadError> {
        let Self { lines, seconds, .. } = self;
        lines.read()?;
        if lines.text().starts_with(TRAILER.as_bytes()) {
            return Ok(Item::End(Box::new(read_end(lines)?)));
        }
        let event = lines.parse(|cursor| {
            let event = take_record(cursor, seconds)?;
            cursor.literal("\n")?;
            cursor.end()?;
            Ok(event)
        });
        event.map(Item::Event)
    }
}

fn read_end<R: BufRead>(lines: &mut Lines<R>) -> Result<End, ReadError> {
    let trailer = lines.parse(Trailer::take)?;
    let hasher = lines.hasher()?;
    lines.read()?;
    let written = lines.parse(take_digest)?;
    let whole = digest_of(hasher.clone().chain_update(lines.text()));
    lines.end()?;
    Ok(End {
        events: trailer.events,
        first: trailer.first,
        last: trailer.last,
        checkpoint: trailer.checkpoint,
        written,
        computed: digest_of(hasher),
        whole,
    })
}

/// The lines of a file, one at a time, and the hash of all up to now.
#[derive(Debug)]
struct Lines<R> {
    input: R,
    /// Lines that were read and are not hashed yet, the present one last.
    block: Vec<u8>,
    /// Where in the block the present line begins.
    begin: usize,
    number: u64,
    digest: FileDigest,
}

impl<R: BufRead> Lines<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            block: Vec::new(),
            begin: 0,
            number: 0,
            digest: FileDigest::default(),
        }
    }

    /// The present line.
    fn text(&self) -> &[u8] {
        self.block.get(self.begin..).unwrap_or_default()
    }

    /// Reads a line with the line feed that ends it.
    fn read(&mut self) -> Result<(), ReadError> {
        if self.block.len() >= BLOCK_BYTES {
            self.block = self.digest.push(mem::take(&mut self.block));
        }
        self.begin = self.block.len();
        self.number += 1;
        let mut bounded = (&mut self.input).take(LINE_BYTES_MAX as u64);
        bounded.read_until(b'\n', &mut self.block)?;
        if self.text().last() == Some(&b'\n') {
            Ok(())
        } else if self.text().len() < LINE_BYTES_MAX {
            Err(ReadError::CutOff { line: self.number })
        } else {
            self.parse(|cursor| Err(cursor.off("a line that is not longer than any can be")))
        }
    }

    /// What hashes the file, up to the end of the present line, which is the last one that it is asked of.
    fn hasher(&mut self) -> io::Result<Sha256> {
        mem::take(&mut self.digest).finish(&self.block)
    }

    /// Makes sure that there are no more.
    fn end(&mut self) -> Result<(), ReadError> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(());
        }
        self.begin = self.block.len();
        self.number += 1;
        self.parse(|cursor| Err(cursor.off("the end of the file")))
    }

    fn parse<T>(
        &self,
        take: impl FnOnce(&mut Cursor<'_>) -> Result<T, Off>,
    ) -> Result<T, ReadError> {
        take(&mut Cursor::new(self.text())).map_err(|off| ReadError::NotCanonical {
            line: self.number,
            position: position_in(self.text()),
            off,
        })
    }
}
