//! What a client heard.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::super::Answer;
use super::{Action, Ask};

/// The answer to an operation, as far as its client can trust it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It was done; the order is at this version since, which stands at this position.
    Done {
        version: u64,
        position: String,
        /// Of all that a repeat has to say as well.
        digest: u64,
    },
    /// The order does not allow it: an answer that tells something of the order.
    Refused(Refused),
    /// Nothing was changed, it was said, or the request was never sent. It tells nothing of the order.
    Unchanged(String),
    /// Nobody knows.
    Unknown(String),
}

/// Why an order does not allow something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such order.
    NotFound,
    /// The domain's word.
    Rejected(String),
    /// It is at this version, not at the one that was expected.
    AtVersion(u64),
}

/// Problems whose words are "nothing was changed".
const UNCHANGED: [&str; 4] = [
    "log-unavailable",
    "version-conflict",
    "overloaded",
    "rate-limited",
];

impl Heard {
    /// What an answer says.
    pub(super) fn of(ask: &Ask, answer: &Answer) -> Self {
        if (200..300).contains(&answer.status) {
            return Self::done(answer);
        }
        let problem = answer.json();
        let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
        let kind = text("type");
        let kind = kind.rsplit(':').next().unwrap_or_default();
        match answer.status {
            404 => Self::Refused(Refused::NotFound),
            409 if kind == "illegal-transition" => Self::Refused(Refused::Rejected(text("code"))),
            412 => Self::Refused(Refused::AtVersion(version_in(&text("detail")))),
            // Who only looks changes nothing.
            500.. if ask.action == Action::Look => Self::Unchanged(kind.to_owned()),
            _ if UNCHANGED.contains(&kind) => Self::Unchanged(kind.to_owned()),
            408 | 500.. => Self::Unknown(kind.to_owned()),
            _ => panic!("{ask:?} is answered by {} {}", answer.status, answer.text),
        }
    }

    fn done(answer: &Answer) -> Self {
        let mut digest = DefaultHasher::new();
        let (etag, position) = (answer.header("etag"), answer.header("ordertrace-position"));
        let said = (answer.status, &answer.text, &etag, &position);
        (said, answer.header("location")).hash(&mut digest);
        Self::Done {
            version: etag.trim_matches('"').parse().unwrap(),
            position,
            digest: digest.finish(),
        }
    }

    /// `ok`, `fail` or `info`, as histories have it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Done { .. } => "ok",
            Self::Refused(_) | Self::Unchanged(_) => "fail",
            Self::Unknown(_) => "info",
        }
    }
}

/// The version in "the order is at version 3".
fn version_in(detail: &str) -> u64 {
    let number = detail.rsplit(' ').next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("{detail}"))
}
