//! The time at which the log recorded a message, to the last digit that the log has of it.
//!
//! Filters and as-of go by [`Timestamp`], whose microseconds are enough for people. What an audit hashes must be exactly
//! what is stored, so it goes by nanoseconds.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{InvalidTimestamp, Timestamp};

/// Nanoseconds since 1970-01-01T00:00:00Z; shown as RFC 3339 in UTC with nine digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordedAt(i64);

impl RecordedAt {
    /// The point in time that many nanoseconds after 1970 began.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Reads a time back, in exactly the form in which it is shown: `2026-11-23T07:00:00.000000001Z`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp)?;
        let nanos = time.to_utc().timestamp_nanos_opt();
        let time = Self(nanos.ok_or(InvalidTimestamp)?);
        if time.to_string() == text {
            Ok(time)
        } else {
            Err(InvalidTimestamp)
        }
    }

    /// Nanoseconds since 1970 began.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The same to the microsecond: what is finer is cut off.
    pub const fn to_timestamp(self) -> Timestamp {
        Timestamp::from_micros(self.0.div_euclid(1_000))
    }
}

impl fmt::Display for RecordedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_nanos(self.0);
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Nanos, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "1970-01-01T00:00:00.000000000Z")]
    #[case(1_700_000_000_000_000_001, "2023-11-14T22:13:20.000000001Z")]
    #[case(i64::MAX, "2262-04-11T23:47:16.854775807Z")]
    #[case(i64::MIN, "1677-09-21T00:12:43.145224192Z")]
    fn a_time_reads_back_what_it_shows(#[case] nanos: i64, #[case] text: &str) {
        let time = RecordedAt::from_nanos(nanos);
        assert_eq!(time.to_string(), text);
        assert_eq!(RecordedAt::parse(text), Ok(time));
    }

    #[rstest]
    #[case("2023-11-14T22:13:20Z")]
    #[case("2023-11-14T22:13:20.000000Z")]
    #[case("2023-11-14T22:13:20.0000000010Z")]
    #[case("2023-11-14t22:13:20.000000001z")]
    #[case("2023-11-14T22:13:20.000000001+00:00")]
    #[case("2023-11-14T23:13:20.000000001+01:00")]
    #[case("2300-01-01T00:00:00.000000000Z")]
    #[case("")]
    fn any_other_spelling_is_refused(#[case] text: &str) {
        assert_eq!(RecordedAt::parse(text), Err(InvalidTimestamp));
    }

    #[test]
    fn to_the_microsecond_it_is_cut_off() {
        let time = RecordedAt::from_nanos(-1).to_timestamp();
        assert_eq!(time, Timestamp::from_micros(-1));
        let time = RecordedAt::from_nanos(1_999).to_timestamp();
        assert_eq!(time, Timestamp::from_micros(1));
    }
}
