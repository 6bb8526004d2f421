//! Positions: where in the log something stands, or how far a view has come.
//!
//! Invariant: a position names its log. One of a stream that was deleted and created anew is recognised, never compared.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a message in the stream: 1, 2, 3 …; 0 before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(u64);

impl Sequence {
    /// Before the first message.
    pub const START: Self = Self(0);

    /// The sequence with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which log: when its stream was created, in nanoseconds since 1970. A stream created anew has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Incarnation(u64);

impl Incarnation {
    /// The log whose stream was created at this nanosecond.
    pub const fn from_created_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// Text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position of this service")]
pub struct InvalidPosition;

/// A place in one log. To clients it is an opaque token: they hand back what they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Which log.
    pub incarnation: Incarnation,
    /// Which message of it.
    pub sequence: Sequence,
}

impl Position {
    /// Reads a token back, in exactly the form in which it was given out.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(token: &str) -> Result<Self, InvalidPosition> {
        let (incarnation, sequence) = token.split_once('-').ok_or(InvalidPosition)?;
        let position = Self {
            incarnation: Incarnation(
                u64::from_str_radix(incarnation, 16).map_err(|_| InvalidPosition)?,
            ),
            sequence: Sequence(sequence.parse().map_err(|_| InvalidPosition)?),
        };
        if position.to_string() == token {
            Ok(position)
        } else {
            Err(InvalidPosition)
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.incarnation, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_position_reads_back_what_it_shows() {
        let position = Position {
            incarnation: Incarnation::from_created_nanos(0x18c0_a3f2_b1e4_0000),
            sequence: Sequence::new(42),
        };
        assert_eq!(position.to_string(), "18c0a3f2b1e40000-42");
        assert_eq!(Position::parse(&position.to_string()), Ok(position));
    }

    #[rstest]
    #[case("")]
    #[case("42")]
    #[case("18c0-")]
    #[case("18C0-42")]
    #[case("18c0-042")]
    #[case("+18c0-42")]
    #[case("18c0--42")]
    #[case("18c0-18446744073709551616")]
    fn any_other_spelling_is_refused(#[case] token: &str) {
        assert_eq!(Position::parse(token), Err(InvalidPosition));
    }
}
