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
        self.file.lock()?;
        let result = self.read_on(book).and_then(|()| {
            let result = work(book);
            self.write_out(&book.take_unwritten()).map(|()| result)
        });
        if result.is_err() {
            // What the file says is what has happened, and nobody knows how much of it was written.
            *book = Book::default();
            self.offset = 0;
        }
        self.file.unlock()?;
        result
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
