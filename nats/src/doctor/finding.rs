//! What is to be mended.

use serde::Serialize;

/// Something to be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was looked at.
    pub check: Check,
    /// On what: a server, a stream, a user.
    pub object: String,
    /// What is wrong, in words.
    pub found: String,
    /// What to do about it.
    pub remedy: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Orders can be lost, forged or refused.
    Critical,
    /// One more mistake, or one more failure, and they can.
    Warning,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether servers write before they acknowledge.
    SyncPolicy,
    /// Whether servers are of a version that is good enough, and of the same one.
    Version,
    /// Whether the clocks agree.
    Clock,
    /// Whether servers take a message as large as an event may be.
    MaxPayload,
    /// Whether the servers' monitoring is for their own machine only.
    Monitoring,
    /// Whether servers could be asked.
    Unseen,
    /// Whether streams and consumers are there.
    Missing,
    /// How many servers hold a stream.
    Replicas,
    /// Whether all of them are up to date.
    Lagging,
    /// What makes messages leave a stream.
    Retention,
    /// Whether the API can delete messages.
    DenyFlags,
    /// For how long ids are remembered.
    DedupWindow,
    /// How large a message may be.
    MaxMessageSize,
    /// Another setting of a stream.
    Stream,
    /// A setting of a consumer.
    Consumer,
    /// Whether a copy has lost messages.
    Gap,
    /// What the user may do.
    Permissions,
    /// Whether anybody can read along.
    Tls,
    /// Whether anybody can read along, or learn the password, between the servers.
    Routes,
}

impl Check {
    pub(super) fn critical(
        self,
        object: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        self.finding(Severity::Critical, object, found, remedy)
    }

    pub(super) fn warning(
        self,
        object: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        self.finding(Severity::Warning, object, found, remedy)
    }

    fn finding(
        self,
        severity: Severity,
        object: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding {
            severity,
            check: self,
            object: object.into(),
            found: found.into(),
            remedy: remedy.into(),
        }
    }
}
