//! Verifies a file of which it is not known what it is.

use std::io::{self, BufRead, Read as _};

use ordertrace_domain::Hash;

use super::findings::Findings;
use super::{Refutation, Report, Trust, Wrong, verify_bundle, verify_checkpoint, verify_export};
use crate::ReadError;
use crate::json::Off;

/// The most bytes of a bundle: an order has at most 1,000 events, and a payload at most 64 KiB, in base64.
const BUNDLE_BYTES_MAX: u64 = 128 << 20;

/// The most bytes of a checkpoint: a few names, hashes and signatures.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// So much is looked at to tell what a file is, however little comes at a time: a checkpoint with a long name fits.
const HEAD_BYTES: u64 = 4096;

/// Where the name of a format stands, with room for what somebody may have put before it.
const FORMAT_BYTES: usize = 64;

/// So much of a beginning is shown.
const FOUND_BYTES: usize = 16;

/// Why a file was not found to be true.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It can't be read, so nothing is known.
    #[error("the file can't be read")]
    Io(#[source] io::Error),
    /// It is something that no proof is in.
    #[error(transparent)]
    NotVerifiable(#[from] NotVerifiable),
    /// It is not true.
    #[error(transparent)]
    Refuted(#[from] Refutation),
}

/// A file that has no proof in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerifiable {
    /// Nothing at all.
    #[error("the file is empty: there is nothing to verify")]
    Empty,
    /// Text, and neither JSON nor a checkpoint.
    #[error("this is CSV or a table, which can't be verified: export it with `-o verifiable`")]
    CsvOrTable,
    /// Events as JSON, for reading.
    #[error(
        "this is JSON for reading, which can't be verified: export it with `-o verifiable`, or bundle \
         an order with `audit prove`"
    )]
    ReadableJson,
    /// Compressed.
    #[error("this is compressed: unpack it first")]
    Compressed,
    /// A checkpoint alone.
    #[error(
        "this is a checkpoint, which has no events: a file or a log is verified against it (`--checkpoint`), and \
         it is verified itself against a key (`--key`)"
    )]
    Checkpoint,
    /// Neither of those.
    #[error("this is no text, so it is no export and no bundle")]
    NoText,
}

impl VerifyError {
    /// What it means that reading stopped here, after these findings.
    pub(super) fn from_reading(error: ReadError, findings: Findings) -> Self {
        let wrong = match error {
            ReadError::Io(error) => return Self::Io(error),
            ReadError::NotCanonical {
                line,
                position: at,
                off,
            } => Wrong::NotCanonical { line, at, off },
            ReadError::CutOff { line } => Wrong::CutOff { line },
        };
        Self::Refuted(findings.and(wrong))
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        Self::from_reading(error, Findings::default())
    }
}

/// Verifies an export, a bundle or a checkpoint, whichever it is. A checkpoint wants something that it is verified with.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_file(mut input: impl BufRead, trust: &Trust) -> Result<Report, VerifyError> {
    let mut head = Vec::new();
    let begin = (&mut input).take(HEAD_BYTES).read_to_end(&mut head);
    begin.map_err(VerifyError::Io)?;
    let kind = sniff(&head);
    let mut input = head.as_slice().chain(input);
    match kind {
        Ok(Kind::Export) => verify_export(input, trust),
        Ok(Kind::Bundle) => verify_bundle(&read(input, BUNDLE_BYTES_MAX)?, trust),
        Err(NotVerifiable::Checkpoint) if trust.wants_checkpoint() => {
            let note = read(input, NOTE_BYTES_MAX)?;
            let verified = verify_checkpoint(&note, trust)?;
            Ok(Report::of_checkpoint(verified, trust, Hash::of(&note)))
        }
        Err(why) => match ends_like_ours(&mut input).map_err(VerifyError::Io)? {
            true => Err(VerifyError::Refuted(
                Findings::default().and(other_begin(&head)),
            )),
            false => Err(why.into()),
        },
    }
}

fn read(input: impl BufRead, bytes_max: u64) -> Result<Vec<u8>, VerifyError> {
    let mut bytes = Vec::new();
    let read = input.take(bytes_max).read_to_end(&mut bytes);
    read.map_err(VerifyError::Io)?;
    Ok(bytes)
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Export,
    Bundle,
}

/// What a file is, by how it begins. Anything that looks like one of ours and is not is left to its verifier: whoever
/// changes a byte of the beginning is not to get away with a file that is none.
fn sniff(head: &[u8]) -> Result<Kind, NotVerifiable> {
    const COMPRESSED: [&[u8]; 4] = [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh"];
    let format = head.get(..FORMAT_BYTES).unwrap_or(head);
    if contains(format, b"ordertrace-bundle/") {
        return Ok(Kind::Bundle);
    }
    if contains(format, b"ordertrace-export/") || head.starts_with(b"{\"format\":") {
        return Ok(Kind::Export);
    }
    if COMPRESSED.iter().any(|magic| head.starts_with(magic)) {
        return Err(NotVerifiable::Compressed);
    }
    if is_checkpoint(head) {
        return Err(NotVerifiable::Checkpoint);
    }
    let is_cut = |error: &std::str::Utf8Error| error.error_len().is_none();
    let Ok(text) = std::str::from_utf8(head).or_else(|error| match is_cut(&error) {
        true => std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()),
        false => Err(error),
    }) else {
        return Err(NotVerifiable::NoText);
    };
    Err(match text.trim_start().chars().next() {
        None => NotVerifiable::Empty,
        Some('{' | '[') => NotVerifiable::ReadableJson,
        Some('\0') => NotVerifiable::NoText,
        Some(_) => NotVerifiable::CsvOrTable,
    })
}

/// Whether it has two of the three lines that any checkpoint has, and so is one, or was one before a byte was changed.
fn is_checkpoint(head: &[u8]) -> bool {
    let lines = ["\nincarnation ", "\nmap ", "\n\n— "];
    let found = lines.iter().filter(|line| contains(head, line.as_bytes()));
    found.count() >= 2
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether the end of the input is that of an export or a bundle. Reads all of it, and keeps no more than the end.
fn ends_like_ours(input: &mut impl BufRead) -> io::Result<bool> {
    const NAME: &[u8] = b"\"sha256\":\"";
    const HEX_DIGITS: usize = 64;
    const CLOSE: &[u8] = b"\"}\n";
    const LENGTH: usize = NAME.len() + HEX_DIGITS + CLOSE.len();
    let mut end: Vec<u8> = Vec::new();
    loop {
        let block = input.fill_buf()?;
        if block.is_empty() {
            break;
        }
        let length = block.len();
        end.extend_from_slice(
            block
                .get(length.saturating_sub(LENGTH)..)
                .unwrap_or_default(),
        );
        end.drain(..end.len().saturating_sub(LENGTH));
        input.consume(length);
    }
    let digits = end
        .strip_prefix(NAME)
        .and_then(|rest| rest.strip_suffix(CLOSE));
    Ok(digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

fn other_begin(head: &[u8]) -> Wrong {
    let begin = head.get(..FOUND_BYTES).unwrap_or(head);
    Wrong::NotCanonical {
        line: 1,
        at: None,
        off: Off {
            column: 1,
            expected: "the beginning of an export or of a bundle, as it has the end of one",
            found: String::from_utf8_lossy(begin).into_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
