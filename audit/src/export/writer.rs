//! Writes an export, an event at a time.

use std::io::{self, Write};

use ordertrace_domain::{Hash, Record, Sequence};
use sha2::{Digest as _, Sha256};

use super::frame::{Trailer, put_digest};
use super::{Header, LINE_BYTES_MAX, put_record};
use crate::SignedCheckpoint;
use crate::json::Seconds;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many events.
    pub events: u64,
    /// Where the first one stands.
    pub first: Option<Sequence>,
    /// Where the last one stands.
    pub last: Option<Sequence>,
    /// SHA-256 of the whole file, its last line included: what `sha256sum` says.
    pub sha256: Hash,
    /// How many bytes the file has.
    pub bytes: u64,
}

/// Writes an export. Which events, in which order and with which proofs is up to the caller; [`Header`] and
/// [`crate::export`](self) say which make a file that verifies.
#[derive(Debug)]
pub struct ExportWriter<W> {
    output: W,
    line: Vec<u8>,
    hasher: Sha256,
    seconds: Seconds,
    bytes: u64,
    events: u64,
    first: Option<Sequence>,
    last: Option<Sequence>,
}

impl<W: Write> ExportWriter<W> {
    /// Begins an export.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn new(output: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            output,
            line: Vec::new(),
            hasher: Sha256::new(),
            seconds: Seconds::default(),
            bytes: 0,
            events: 0,
            first: None,
            last: None,
        };
        header.put(&mut writer.line);
        writer.write_line()?;
        Ok(writer)
    }

    /// Adds an event, with its way to the root of the tree of the checkpoint that the export will end with, unless the
    /// export is complete or will have none.
    ///
    /// # Errors
    /// If it can't be written; [`io::ErrorKind::InvalidData`] if it is too large for any reader.
    pub fn event(&mut self, record: &Record, proof: Option<&[Hash]>) -> io::Result<()> {
        put_record(&mut self.line, &mut self.seconds, record, proof);
        self.line.push(b'\n');
        if self.line.len() > LINE_BYTES_MAX {
            let text = format!(
                "the record at position {} is too large for a verifiable export",
                record.sequence
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        self.write_line()?;
        self.events += 1;
        self.first.get_or_insert(record.sequence);
        self.last = Some(record.sequence);
        Ok(())
    }

    /// Where it is written to, for whoever sends on what is there already.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.output
    }

    /// Ends the export, and gives back where it was written to.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn finish(mut self, checkpoint: Option<&SignedCheckpoint>) -> io::Result<(W, Summary)> {
        let trailer = Trailer {
            events: self.events,
            first: self.first,
            last: self.last,
            checkpoint: checkpoint.cloned(),
        };
        trailer.put(&mut self.line);
        self.write_line()?;
        let digest = self.hasher.clone().finalize();
        put_digest(&mut self.line, Hash::from_bytes(digest.into()));
        self.write_line()?;
        let summary = Summary {
            events: self.events,
            first: self.first,
            last: self.last,
            sha256: Hash::from_bytes(self.hasher.finalize().into()),
            bytes: self.bytes,
        };
        Ok((self.output, summary))
    }

    fn write_line(&mut self) -> io::Result<()> {
        self.hasher.update(&self.line);
        self.output.write_all(&self.line)?;
        self.bytes += self.line.len() as u64;
        self.line.clear();
        Ok(())
    }
}
