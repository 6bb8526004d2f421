//! Cursors: where the next page of a list begins. Opaque to clients.
//!
//! Invariant: a cursor is good for the list – the collection, what was looked for in it, and whose orders were within reach –
//! and the log it was given out for, and in exactly the form it was given out. Its checksum is no secret: whoever forges one
//! gains a page that they could have asked for anyway, since a page has what its reader reaches, whatever its cursor says.

use ordertrace_domain::{Incarnation, Sequence};
use ordertrace_http::Reach;

/// Stands between what was looked for and whose orders were within reach: no byte of ASCII or UTF-8, so that neither part
/// can be taken for the other.
const OWNER_FOLLOWS: u8 = 0xff;

/// What a cursor is good for: this list, looked for in this way (`query`, as a link has it), by somebody with this reach.
pub(super) fn scope(tag: u8, query: &str, reach: &Reach) -> Vec<u8> {
    let mut scope = vec![tag];
    scope.extend_from_slice(query.as_bytes());
    if let Some(owner) = reach.owner() {
        scope.push(OWNER_FOLLOWS);
        scope.extend_from_slice(owner.as_str().as_bytes());
    }
    scope
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The place of the last entry that was looked at: the page has those behind it.
    pub(super) last: Sequence,
    /// Which page it is, from 1: the first has no cursor.
    pub(super) page_number: u64,
}

const NUMBER_BYTES: usize = size_of::<u64>();

const BODY_BYTES: usize = 2 * NUMBER_BYTES;

const TOKEN_BYTES: usize = BODY_BYTES + size_of::<u32>();

impl Cursor {
    /// Its token in a list of a log: hexadecimal digits. `scope` tells the list from others.
    pub(super) fn token(self, scope: &[u8], incarnation: Incarnation) -> String {
        let mut body = [0; BODY_BYTES];
        body[..NUMBER_BYTES].copy_from_slice(&self.last.get().to_be_bytes());
        body[NUMBER_BYTES..].copy_from_slice(&self.page_number.to_be_bytes());
        let checksum = checksum(&body, scope, incarnation).to_be_bytes();
        let bytes = body.iter().chain(&checksum);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a token back; `None` for any other text.
    pub(super) fn read(token: &str, scope: &[u8], incarnation: Incarnation) -> Option<Self> {
        if token.len() != 2 * TOKEN_BYTES || !token.is_ascii() {
            return None;
        }
        let number = |at: usize| {
            let digits = token.get(2 * at..2 * (at + NUMBER_BYTES))?;
            u64::from_str_radix(digits, 16).ok()
        };
        let cursor = Self {
            last: Sequence::new(number(0)?),
            page_number: number(NUMBER_BYTES)?,
        };
        (cursor.token(scope, incarnation) == token).then_some(cursor)
    }
}

fn checksum(body: &[u8], scope: &[u8], incarnation: Incarnation) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(incarnation.to_string().as_bytes());
    hasher.update(scope);
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: Incarnation = Incarnation::from_created_nanos(0x18c0_a3f2_b1e4_0000);
    const OTHER_LOG: Incarnation = Incarnation::from_created_nanos(0x18c0_a3f2_b1e4_0001);

    #[test]
    fn a_cursor_reads_back_in_its_own_collection_and_log_only() {
        let cursor = Cursor {
            last: Sequence::new(42),
            page_number: 1,
        };
        let token = cursor.token(&[1], LOG);
        assert_eq!(Cursor::read(&token, &[1], LOG), Some(cursor));
        assert_eq!(Cursor::read(&token, &[2], LOG), None);
        assert_eq!(Cursor::read(&token, &[1], OTHER_LOG), None);
        assert_eq!(Cursor::read(&token.to_uppercase(), &[1], LOG), None);
    }

    #[test]
    fn no_changed_digit_goes_unnoticed() {
        let cursor = Cursor {
            last: Sequence::new(42),
            page_number: 1,
        };
        let token = cursor.token(&[1], LOG);
        for index in 0..token.len() {
            let digit = if token[index..].starts_with('0') {
                "1"
            } else {
                "0"
            };
            let mut forged = token.clone();
            forged.replace_range(index..=index, digit);
            assert_eq!(Cursor::read(&forged, &[1], LOG), None, "{forged}");
        }
        assert_eq!(Cursor::read("", &[1], LOG), None);
        assert_eq!(Cursor::read(&"é".repeat(TOKEN_BYTES), &[1], LOG), None);
    }
}
