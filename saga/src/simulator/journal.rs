//! The journal: the ledger's changes in a file, one line each, which several processes share.
//!
//! Invariant: a line is written at the end, by whoever holds the file's lock, and is read by everybody else before they
//! look. A line that a killed process tore is no line.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::{book::Book, record::Line};

/// The time in which the file is locked, which ends when this is dropped, also by a panic.
struct Turn<'a> {
    journal: &'a mut Journal,
    book: &'a mut Book,
    /// Whether all that has changed is in the file.
    is_whole: bool,
}

impl<'a> Turn<'a> {
    fn take(journal: &'a mut Journal, book: &'a mut Book) -> io::Result<Self> {
        journal.file.lock()?;
        Ok(Self {
            journal,
            book,
            is_whole: false,
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            // What the file says is what has happened, and nobody knows how much of it was written.
            *self.book = Book::default();
            self.journal.offset = 0;
        }
        if let Err(error) = self.journal.file.unlock() {
            tracing::error!(%error, "the payment simulator's journal stays locked by this process");
        }
    }
}

pub(super) struct Journal {
    file: File,
    /// How far it was read.
    offset: u64,
}

impl Journal {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        Ok(Self { file, offset: 0 })
    }

    /// Works on the book while no other process does: it has what others wrote before, and what it changes is in the file
    /// before anybody else looks.
    pub(super) fn exclusively<T>(
        &mut self,
        book: &mut Book,
        work: impl FnOnce(&mut Book) -> T,
    ) -> io::Result<T> {
        let mut turn = Turn::take(self, book)?;
        turn.journal.read_on(turn.book)?;
        let result = work(turn.book);
        turn.journal.write_out(&turn.book.take_unwritten())?;
        turn.is_whole = true;
        Ok(result)
    }

    /// Takes in what was written since the last look. A torn last line is ended, so that the next one stands by itself.
    fn read_on(&mut self, book: &mut Book) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        self.offset += bytes.len() as u64;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            self.file.write_all(b"\n")?;
            self.offset += 1;
        }
        for line in bytes.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => book.apply(line),
                Err(error) => {
                    tracing::warn!(%error, "a torn line of the payment simulator's journal is left out");
                }
            }
        }
        Ok(())
    }

    fn write_out(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        self.file.write_all(&bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}
