//! Verifies a file of which it is not known what it is.

use std::io::{self, BufRead, Read as _};

use super::findings::Findings;
use super::{Refutation, Report, Trust, Wrong, verify_bundle, verify_export};
use crate::ReadError;

/// The most bytes of a bundle: an order has at most 1,000 events, and a payload at most 64 KiB, in base64.
const BUNDLE_BYTES_MAX: u64 = 128 << 20;

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
        "this is a checkpoint: it is what a file or a log is verified against (`--checkpoint`), and \
         has no events"
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

/// Verifies an export or a bundle, whichever it is.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_file(mut input: impl BufRead, trust: &Trust) -> Result<Report, VerifyError> {
    match sniff(input.fill_buf().map_err(VerifyError::Io)?)? {
        Kind::Export => verify_export(input, trust),
        Kind::Bundle => {
            let mut bytes = Vec::new();
            let mut input = input.take(BUNDLE_BYTES_MAX);
            input.read_to_end(&mut bytes).map_err(VerifyError::Io)?;
            verify_bundle(&bytes, trust)
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Export,
    Bundle,
}

/// What a file is, by how it begins. Anything that looks like one of ours and is not is left to its verifier.
fn sniff(begin: &[u8]) -> Result<Kind, NotVerifiable> {
    const FORMAT: &[u8] = b"{\"format\":";
    const BUNDLE: &[u8] = b"{\"format\":\"ordertrace-bundle/";
    const COMPRESSED: [&[u8]; 4] = [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh"];
    if begin.starts_with(BUNDLE) {
        return Ok(Kind::Bundle);
    }
    if begin.starts_with(FORMAT) {
        return Ok(Kind::Export);
    }
    if COMPRESSED.iter().any(|magic| begin.starts_with(magic)) {
        return Err(NotVerifiable::Compressed);
    }
    let is_cut = |error: &std::str::Utf8Error| error.error_len().is_none();
    let Ok(text) = std::str::from_utf8(begin).or_else(|error| match is_cut(&error) {
        true => std::str::from_utf8(begin.get(..error.valid_up_to()).unwrap_or_default()),
        false => Err(error),
    }) else {
        return Err(NotVerifiable::NoText);
    };
    Err(match text.trim_start().chars().next() {
        None => NotVerifiable::Empty,
        Some('{' | '[') => NotVerifiable::ReadableJson,
        Some(_) if is_checkpoint(text) => NotVerifiable::Checkpoint,
        Some('\0') => NotVerifiable::NoText,
        Some(_) => NotVerifiable::CsvOrTable,
    })
}

fn is_checkpoint(text: &str) -> bool {
    let fourth = text.lines().nth(3);
    fourth.is_some_and(|line| line.starts_with("incarnation "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", NotVerifiable::Empty)]
    #[case("\n \n", NotVerifiable::Empty)]
    #[case("position,recordedAt,order\n1,2,3\n", NotVerifiable::CsvOrTable)]
    #[case("│ position │ recorded at │\n", NotVerifiable::CsvOrTable)]
    #[case(
        "{\"position\":\"18c-1\",\"sequence\":1}\n",
        NotVerifiable::ReadableJson
    )]
    #[case("[\n{\"position\":\"18c-1\"}", NotVerifiable::ReadableJson)]
    #[case("\u{1f}\u{8}", NotVerifiable::CsvOrTable)]
    #[case(
        "log\n1\naaaa=\nincarnation 18c\nmap b=\n\n",
        NotVerifiable::Checkpoint
    )]
    fn what_has_no_proof_in_it_is_told_apart(#[case] text: &str, #[case] expected: NotVerifiable) {
        let verified = verify_file(text.as_bytes(), &Trust::default());
        let found = match verified {
            Err(VerifyError::NotVerifiable(found)) => found,
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case(b"\x1f\x8b\x08\0", NotVerifiable::Compressed)]
    #[case(b"PK\x03\x04", NotVerifiable::Compressed)]
    #[case(b"\x7fELF\xff", NotVerifiable::NoText)]
    fn what_is_no_text_is_told_apart(#[case] bytes: &[u8], #[case] expected: NotVerifiable) {
        assert_eq!(sniff(bytes), Err(expected));
    }

    #[test]
    fn a_letter_that_is_cut_off_is_still_text() {
        let text = "Größe".as_bytes();
        assert_eq!(sniff(&text[..3]), Err(NotVerifiable::CsvOrTable));
    }

    #[test]
    fn what_looks_like_ours_is_left_to_its_verifier() {
        for text in ["{\"format\":\"ordertrace-export/2\"}\n", "{\"format\":1}\n"] {
            let refuted = verify_file(text.as_bytes(), &Trust::default()).unwrap_err();
            let VerifyError::Refuted(refutation) = refuted else {
                panic!("{refuted:?}");
            };
            assert_eq!(refutation.findings()[0].code(), "not-canonical");
        }
    }
}
