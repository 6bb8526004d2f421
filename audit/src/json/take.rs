//! Values out of bytes.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::Hash;

use super::put::short_escape;

/// So many of the bytes that were found are shown to whoever looks for what is wrong.
const FOUND_BYTES_MAX: usize = 24;

/// Bytes that are not in the one spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {column} of it stands {found:?}, expected {expected}")]
pub struct Off {
    /// The first byte that does not fit, counted from 1.
    pub column: usize,
    /// What would fit.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

/// What is left to read.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// What has been read so far.
    pub(crate) fn behind(&self) -> &'a [u8] {
        self.text.get(..self.at).unwrap_or_default()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// That something else is expected here.
    pub(crate) fn off(&self, expected: &'static str) -> Off {
        let found = self.rest();
        let found = found.get(..FOUND_BYTES_MAX).unwrap_or(found);
        Off {
            column: self.at + 1,
            expected,
            found: String::from_utf8_lossy(found).into_owned(),
        }
    }

    /// Steps over these bytes, if they come next.
    pub(crate) fn skip(&mut self, bytes: &str) -> bool {
        let is_next = self.rest().starts_with(bytes.as_bytes());
        if is_next {
            self.at += bytes.len();
        }
        is_next
    }

    pub(crate) fn literal(&mut self, bytes: &'static str) -> Result<(), Off> {
        if self.skip(bytes) {
            return Ok(());
        }
        Err(self.off(bytes))
    }

    pub(crate) fn end(&self) -> Result<(), Off> {
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.off("nothing more"))
        }
    }

    pub(crate) fn number(&mut self) -> Result<u64, Off> {
        const EXPECTED: &str = "a number in decimal, without leading zeros";
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let text = self.rest().get(..digits).unwrap_or_default();
        let is_only = text.len() == 1 || !text.starts_with(b"0");
        let text = std::str::from_utf8(text).ok().filter(|_| is_only);
        let number = text.and_then(|text| text.parse().ok());
        let number = number.ok_or_else(|| self.off(EXPECTED))?;
        self.at += digits;
        Ok(number)
    }

    /// A number, or `null`.
    pub(crate) fn number_or_null(&mut self) -> Result<Option<u64>, Off> {
        if self.skip("null") {
            return Ok(None);
        }
        self.number().map(Some)
    }

    /// What stands between quotes and has no escapes.
    pub(crate) fn plain(&mut self, expected: &'static str) -> Result<&'a [u8], Off> {
        let inner = self
            .rest()
            .strip_prefix(b"\"")
            .ok_or_else(|| self.off(expected))?;
        let length = memchr::memchr(b'"', inner);
        let length = length.ok_or_else(|| self.off(expected))?;
        self.at += length + 2;
        Ok(inner.get(..length).unwrap_or_default())
    }

    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, Off> {
        const EXPECTED: &str = "a text in UTF-8";
        let begin = self.clone();
        self.literal("\"")?;
        let mut unescaped: Option<Vec<u8>> = None;
        loop {
            let run = self.rest().iter().position(is_special);
            let run = self.rest().split_at(run.ok_or_else(|| self.off(EXPECTED))?);
            self.at += run.0.len();
            match (run.1.first(), &mut unescaped) {
                (Some(b'"'), None) => {
                    self.at += 1;
                    let text = std::str::from_utf8(run.0).map(Cow::Borrowed);
                    return text.map_err(|_| begin.off(EXPECTED));
                }
                (Some(b'"'), Some(text)) => {
                    self.at += 1;
                    text.extend_from_slice(run.0);
                    let text = String::from_utf8(std::mem::take(text)).map(Cow::Owned);
                    return text.map_err(|_| begin.off(EXPECTED));
                }
                (Some(b'\\'), text) => {
                    let text = text.get_or_insert_default();
                    text.extend_from_slice(run.0);
                    text.push(self.escape()?);
                }
                _ => return Err(self.off("an escape for a control character")),
            }
        }
    }

    /// The byte that is escaped here, in the only way in which it is.
    fn escape(&mut self) -> Result<u8, Off> {
        const EXPECTED: &str = "an escape that is needed, in its shortest form";
        let rest = self.rest().get(1..).unwrap_or_default();
        let letter = *rest.first().ok_or_else(|| self.off(EXPECTED))?;
        if matches!(letter, b'"' | b'\\') {
            self.at += 2;
            return Ok(letter);
        }
        if let Some(byte) = (0..0x20).find(|byte| short_escape(*byte) == Some(letter)) {
            self.at += 2;
            return Ok(byte);
        }
        let long = (0..0x20).filter(|byte| short_escape(*byte).is_none());
        for byte in long {
            if rest.starts_with(format!("u{byte:04x}").as_bytes()) {
                self.at += 6;
                return Ok(byte);
            }
        }
        Err(self.off(EXPECTED))
    }

    pub(crate) fn base64(&mut self) -> Result<Vec<u8>, Off> {
        const EXPECTED: &str = "base64 with padding, without bits left over";
        let begin = self.clone();
        let text = self.plain(EXPECTED)?;
        // With just as much room as it needs, it becomes the payload as it is.
        let mut bytes = vec![0; decoded_length(text).ok_or_else(|| begin.off(EXPECTED))?];
        let length = STANDARD.decode_slice_unchecked(text, &mut bytes);
        let is_all = length.is_ok_and(|length| length == bytes.len());
        is_all.then_some(bytes).ok_or_else(|| begin.off(EXPECTED))
    }

    /// A hash in base64.
    pub(crate) fn hash(&mut self) -> Result<Hash, Off> {
        const EXPECTED: &str = "32 bytes in base64";
        let begin = self.clone();
        let text = self.plain(EXPECTED)?;
        // The decoder wants room for all that 44 characters can hold.
        let mut bytes = [0; 33];
        let length = STANDARD.decode_slice(text, &mut bytes);
        let bytes = bytes.first_chunk().filter(|_| length == Ok(32));
        let bytes = bytes.ok_or_else(|| begin.off(EXPECTED))?;
        Ok(Hash::from_bytes(*bytes))
    }

    /// A hash in lowercase hexadecimal.
    pub(crate) fn hex(&mut self) -> Result<Hash, Off> {
        const EXPECTED: &str = "32 bytes in lowercase hexadecimal";
        let begin = self.clone();
        let text = self.plain(EXPECTED)?;
        let mut bytes = [0; 32];
        let digits = text.chunks(2).map(hex_byte);
        let is_long_enough = text.len() == 64;
        for (byte, digits) in bytes.iter_mut().zip(digits) {
            *byte = digits.ok_or_else(|| begin.off(EXPECTED))?;
        }
        let hash = is_long_enough.then(|| Hash::from_bytes(bytes));
        hash.ok_or_else(|| begin.off(EXPECTED))
    }

    /// A list of hashes in base64.
    pub(crate) fn hashes(&mut self, length_max: usize) -> Result<Vec<Hash>, Off> {
        self.literal("[")?;
        let mut hashes = Vec::new();
        if self.skip("]") {
            return Ok(hashes);
        }
        loop {
            if hashes.len() == length_max {
                return Err(self.off("no longer proof than any tree has"));
            }
            hashes.push(self.hash()?);
            if self.skip("]") {
                return Ok(hashes);
            }
            self.literal(",")?;
        }
    }
}

/// How many bytes are in this base64, if it is any.
fn decoded_length(text: &[u8]) -> Option<usize> {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let is_whole = text.len().is_multiple_of(4) && padding <= 2;
    is_whole.then(|| (text.len() / 4 * 3).saturating_sub(padding))
}

const fn is_special(byte: &u8) -> bool {
    matches!(*byte, b'"' | b'\\' | 0..0x20)
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    match digits {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    }
}
