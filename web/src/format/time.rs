//! Times, in UTC; a script shows them in the reader's own time if the reader wants that.

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment as the API told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    told: String,
    time: Option<DateTime<Utc>>,
}

impl Moment {
    /// The moment that this text (RFC 3339) says. One that says none is shown as it is.
    pub(crate) fn of(told: &str) -> Self {
        let time = DateTime::parse_from_rfc3339(told).ok();
        Self {
            told: told.to_owned(),
            time: time.map(|time| time.to_utc()),
        }
    }

    /// A moment that was reckoned here.
    pub(crate) fn at(time: DateTime<Utc>) -> Self {
        Self {
            told: time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            time: Some(time),
        }
    }

    /// For `datetime`, and for sorting: exactly as it was told.
    pub(crate) fn exact(&self) -> &str {
        &self.told
    }

    /// `23 Nov 09:31:05`
    pub(crate) fn short(&self) -> String {
        self.format("%-d %b %H:%M:%S")
    }

    /// `23 Nov 2026, 09:31:05.123`
    pub(crate) fn long(&self) -> String {
        self.format("%-d %b %Y, %H:%M:%S%.3f")
    }

    /// `09:31`
    pub(crate) fn clock(&self) -> String {
        self.format("%H:%M")
    }

    /// The time itself, for reckoning.
    pub(crate) const fn time(&self) -> Option<DateTime<Utc>> {
        self.time
    }

    fn format(&self, pattern: &str) -> String {
        self.time.map_or_else(
            || self.told.clone(),
            |time| time.format(pattern).to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc() {
        let moment = Moment::of("2026-11-23T10:31:05.123456+01:00");
        assert_eq!(moment.short(), "23 Nov 09:31:05");
        assert_eq!(moment.long(), "23 Nov 2026, 09:31:05.123");
        assert_eq!(moment.clock(), "09:31");
    }

    #[test]
    fn what_is_no_moment_is_shown_as_it_is() {
        assert_eq!(Moment::of("soon").short(), "soon");
    }
}
