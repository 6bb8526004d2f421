//! The newest checkpoint that was accepted here, in a file: whoever rolls the checkpoints back meets somebody who remembers.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use ordertrace_domain::Sequence;

/// The number of a checkpoint, and the note that stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) number: Sequence,
    pub(crate) note: Vec<u8>,
}

/// Replaces the file as a whole.
pub(super) fn write(path: &Path, pin: &Pin) -> io::Result<()> {
    let beside = path.with_extension(super::HALF);
    let mut file = File::create(&beside)?;
    writeln!(file, "{}", pin.number)?;
    file.write_all(&pin.note)?;
    file.sync_all()?;
    fs::rename(beside, path)
}

/// `None` if there is none.
///
/// # Errors
/// What is there is none that was written here ([`io::ErrorKind::InvalidData`]), or can't be read.
pub(super) fn read(path: &Path) -> io::Result<Option<Pin>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let pin = parse(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some(pin))
}

fn parse(bytes: &[u8]) -> Option<Pin> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    let number = str::from_utf8(&bytes[..at]).ok()?.parse().ok()?;
    Some(Pin {
        number: Sequence::new(number),
        note: bytes[at + 1..].to_vec(),
    })
}
