//! The version of a `nats-server`, and the oldest one that will do.
//!
//! It reads only what `nats-server --version` prints; it is no general semantic-version parser.

use std::fmt;

/// A `nats-server` version; a pre-release sorts before the release of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    major: u32,
    minor: u32,
    patch: u32,
    // Last and `false < true`: a pre-release sorts before its release.
    released: bool,
}

impl ServerVersion {
    /// The oldest version with what the log is built on (message schedules, atomic batches, consumer reset) and the
    /// fixes it was measured with.
    pub const OLDEST_USABLE: Self = Self::release(2, 14, 4);

    pub(super) const fn release(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
            released: true,
        }
    }

    /// Reads the line that `nats-server --version` prints, such as `nats-server: v2.15.1`.
    pub fn parse(printed: &str) -> Option<Self> {
        let word = printed.trim().strip_prefix("nats-server:")?.trim();
        let numbers = word.strip_prefix('v').unwrap_or(word);
        let (numbers, released) = match numbers.split_once('-') {
            Some((numbers, _prerelease)) => (numbers, false),
            None => (numbers, true),
        };
        let mut parts = numbers.split('.').map(|part| part.parse::<u32>().ok());
        let version = Self {
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next()??,
            released,
        };
        parts.next().is_none().then_some(version)
    }

    /// Whether the log can be kept on a server of this version.
    pub fn is_usable(self) -> bool {
        self >= Self::OLDEST_USABLE
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            patch,
            released,
        } = self;
        write!(
            f,
            "{major}.{minor}.{patch}{}",
            if *released { "" } else { " (pre-release)" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ServerVersion;
    use rstest::rstest;

    #[rstest]
    #[case("nats-server: v2.15.1\n", "2.15.1", true)]
    #[case("nats-server: v2.14.4", "2.14.4", true)]
    #[case("nats-server: v3.0.0", "3.0.0", true)]
    #[case("nats-server: 2.14.4", "2.14.4", true)]
    #[case("nats-server: v2.14.3", "2.14.3", false)]
    #[case("nats-server: v2.9.10", "2.9.10", false)]
    #[case("nats-server: v2.100.0", "2.100.0", true)]
    #[case("nats-server: v1.99.99", "1.99.99", false)]
    #[case("nats-server: v2.14.4-RC.1", "2.14.4 (pre-release)", false)]
    #[case("nats-server: v2.15.0-RC.2", "2.15.0 (pre-release)", true)]
    fn a_printed_version_is_read_and_judged(
        #[case] printed: &str,
        #[case] shown: &str,
        #[case] usable: bool,
    ) {
        let version = ServerVersion::parse(printed).unwrap();
        assert_eq!(version.to_string(), shown);
        assert_eq!(version.is_usable(), usable);
    }

    #[rstest]
    #[case("")]
    #[case("nats-server:")]
    #[case("nats-server: v2.15")]
    #[case("nats-server: v2.15.1.9")]
    #[case("nats-server: v2.15.x")]
    #[case("nats-server: v2.-15.1")]
    #[case("nats: v2.15.1")]
    #[case("command not found")]
    fn anything_else_is_no_version(#[case] printed: &str) {
        assert_eq!(ServerVersion::parse(printed), None);
    }
}
