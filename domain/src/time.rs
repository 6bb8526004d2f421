//! Points in time: microseconds of UTC since 1970, as they stand in an envelope.
//!
//! Nothing here reads a clock: the time comes in with a command or with a recorded message.

use std::{fmt, time::Duration};

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z; shown as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Text that is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no time as RFC 3339 writes it, such as 2026-11-23T07:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The point in time that many microseconds after 1970 began.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Reads RFC 3339, such as `2026-11-23T07:00:00Z`; what is finer than a microsecond is cut off.
    ///
    /// # Errors
    /// Any other text, and a time that is in UTC in no year that RFC 3339 can write.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp)?;
        let time = Self::from(time.to_utc());
        // An offset, or a leap second, may lead out of the years 0 to 9999: what is shown of it could not be read again.
        let can_be_shown = (0..=9999).contains(&time.to_utc().year());
        can_be_shown.then_some(time).ok_or(InvalidTimestamp)
    }

    /// Microseconds since 1970 began.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This point in time, later by a duration; the latest there is when that lies beyond.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// This point in time, earlier by a duration; the earliest there is when that lies beyond.
    #[must_use]
    pub fn before(self, wait: Duration) -> Self {
        let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros))
    }

    /// How long it is after an earlier point in time; nothing if that one is later.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }

    /// The same as a `chrono` time; the far ends of the range become the nearest that it can show.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_shows_as_rfc_3339() {
        let time = Timestamp::from_micros(1_700_000_000_000_001);
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.000001Z");
        assert_eq!(Timestamp::from(time.to_utc()), time);
    }

    #[test]
    fn a_time_reads_back_from_any_offset() {
        let time = Timestamp::parse("2023-11-14T23:13:20.000001+01:00").unwrap();
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.000001Z");
        for text in [
            "",
            "now",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-00:01",
            "9999-12-31T23:59:60Z",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(Timestamp::parse(text), Err(InvalidTimestamp), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        let latest = Timestamp::from_micros(i64::MAX);
        assert_eq!(latest.after(Duration::MAX), latest);
        assert!(!latest.to_string().is_empty());
    }
}
