//! How an input is changed: a byte here and there, a part cut out, doubled or taken from another input, a length or a number
//! that is as large as it gets.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// At most so many changes of one input: with more, little is left of what makes it nearly right.
const CHANGES_MAX: usize = 6;

/// The longest part that is cut out, doubled or taken from elsewhere.
const PART_BYTES_MAX: usize = 64;

/// What is more than anything has, or ends what is read, in one of the formats here.
const STRANGE: [&[u8]; 20] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"1e999",
    b"9999-12-31T23:59:60-23:59",
    b"\r\n",
    b"\n\n",
    b"%00%ff&=",
    "\u{202e}é\u{1f600}".as_bytes(),
    b"=====",
];

/// One change.
#[derive(Debug, Clone)]
enum One {
    Flip(Index, u8),
    Set(Index, u8),
    Cut(Index, usize),
    CutOff(Index),
    Double(Index, usize),
    Insert(Index, &'static [u8]),
    Replace(Index, &'static [u8]),
    Splice(Index, Index, Index, usize),
}

/// An input of a corpus, and its changes.
#[derive(Debug, Clone)]
pub(super) struct Change {
    of: Index,
    changes: Vec<One>,
}

impl Change {
    pub(super) fn some() -> impl Strategy<Value = Self> {
        let changes = vec(one(), 0..=CHANGES_MAX);
        (any::<Index>(), changes).prop_map(|(of, changes)| Self { of, changes })
    }

    /// The changed input.
    pub(super) fn on(&self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let begun = self.of.get(corpus).clone();
        let mut changes = self.changes.iter();
        changes.try_fold(begun, |input, change| change.on(input, corpus)).unwrap_or_default()
    }
}

fn one() -> impl Strategy<Value = One> {
    let at = any::<Index>;
    let length = || 1..=PART_BYTES_MAX;
    prop_oneof![
        3 => (at(), 0..8_u8).prop_map(|(at, bit)| One::Flip(at, 1 << bit)),
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| One::Set(at, byte)),
        2 => (at(), length()).prop_map(|(at, length)| One::Cut(at, length)),
        1 => at().prop_map(One::CutOff),
        2 => (at(), length()).prop_map(|(at, length)| One::Double(at, length)),
        2 => (at(), select(&STRANGE[..])).prop_map(|(at, bytes)| One::Insert(at, bytes)),
        2 => (at(), select(&STRANGE[..])).prop_map(|(at, bytes)| One::Replace(at, bytes)),
        2 => (at(), at(), at(), length())
            .prop_map(|(at, of, from, length)| One::Splice(at, of, from, length)),
    ]
}

impl One {
    /// `None` once nothing is left to be changed.
    fn on(&self, mut input: Vec<u8>, corpus: &[Vec<u8>]) -> Option<Vec<u8>> {
        let length = input.len();
        let part = |at: &Index, of: usize, bytes: usize| {
            let begin = (of > 0).then(|| at.index(of))?;
            Some(begin..of.min(begin + bytes))
        };
        match self {
            Self::Flip(at, bit) => input[part(at, length, 1)?.start] ^= bit,
            Self::Set(at, byte) => input[part(at, length, 1)?.start] = *byte,
            Self::Cut(at, bytes) => drop(input.drain(part(at, length, *bytes)?)),
            Self::CutOff(at) => input.truncate(part(at, length, 1)?.start),
            Self::Double(at, bytes) => {
                let part = part(at, length, *bytes)?;
                let doubled = input[part.clone()].to_vec();
                input.splice(part.start..part.start, doubled);
            }
            Self::Insert(at, bytes) => {
                let begin = part(at, length, 1)?.start;
                input.splice(begin..begin, bytes.iter().copied());
            }
            Self::Replace(at, bytes) => {
                input.splice(part(at, length, bytes.len())?, bytes.iter().copied());
            }
            Self::Splice(at, of, from, bytes) => {
                let other = of.get(corpus);
                let taken = other[part(from, other.len(), *bytes)?].to_vec();
                input.splice(part(at, length, *bytes)?, taken);
            }
        }
        Some(input)
    }
}
