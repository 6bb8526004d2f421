//! Recorded times, one after the other. Those of neighbours mostly share their second, so that its text is made once.

use ordertrace_domain::RecordedAt;

use super::{Cursor, Off};

const NANOS: i64 = 1_000_000_000;
/// `2026-11-23T07:00:00.`
const SECOND_BYTES: usize = 20;
/// Nine digits and the `Z`.
const REST_BYTES: usize = 10;

/// The text of the second that was seen last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seconds {
    last: Option<(i64, [u8; SECOND_BYTES])>,
}

impl Seconds {
    /// Writes a time in quotes.
    pub(crate) fn put(&mut self, out: &mut Vec<u8>, time: RecordedAt) {
        let (second, nanos) = (
            time.nanos().div_euclid(NANOS),
            time.nanos().rem_euclid(NANOS),
        );
        out.push(b'"');
        match self.last {
            Some((last, text)) if last == second => {
                out.extend_from_slice(&text);
                put_nanos(out, nanos);
            }
            _ => {
                let text = time.to_string();
                out.extend_from_slice(text.as_bytes());
                self.remember(second, text.as_bytes());
            }
        }
        out.push(b'"');
    }

    /// Reads a time in quotes.
    pub(crate) fn take(&mut self, cursor: &mut Cursor<'_>) -> Result<RecordedAt, Off> {
        const EXPECTED: &str = "a time in UTC with nine digits behind the point";
        let begin = cursor.clone();
        let text = cursor.plain(EXPECTED)?;
        if let Some(time) = self.take_known(text) {
            return Ok(time);
        }
        let time = std::str::from_utf8(text).ok();
        let time = time.and_then(|text| RecordedAt::parse(text).ok());
        let time = time.ok_or_else(|| begin.off(EXPECTED))?;
        self.remember(time.nanos().div_euclid(NANOS), text);
        Ok(time)
    }

    /// A time within the second that was seen last.
    fn take_known(&self, text: &[u8]) -> Option<RecordedAt> {
        let (second, known) = self.last.as_ref()?;
        let rest: &[u8; REST_BYTES] = text.strip_prefix(known)?.try_into().ok()?;
        let (end, digits) = rest.split_last()?;
        let mut nanos = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            nanos = nanos * 10 + i64::from(digit - b'0');
        }
        let time = second.checked_mul(NANOS)?.checked_add(nanos)?;
        (*end == b'Z').then(|| RecordedAt::from_nanos(time))
    }

    fn remember(&mut self, second: i64, text: &[u8]) {
        self.last = text.first_chunk().map(|text| (second, *text));
    }
}

fn put_nanos(out: &mut Vec<u8>, nanos: i64) {
    let mut rest = u64::try_from(nanos).unwrap_or_default();
    let mut text = *b"000000000Z";
    for digit in text.iter_mut().rev().skip(1) {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    out.extend_from_slice(&text);
}
