//! Who may do what on the NATS servers: one user a role, with the permissions that its adapters need and no others.
//!
//! Invariants: a role's permissions are derived from the subjects and the topology that the adapters use, so that neither
//! is changed without the other; a role hears only its own inbox; only an operator makes, changes, copies or deletes
//! streams, for every limit of a stream can be lifted by whoever may update it.
//!
//! It deliberately does not decide who a person is: that is the API's. What it can't prevent is said in
//! `docs/nats-security.md`.

mod config;
mod grants;
mod keys;
mod route;

use std::fmt;

pub use config::{ClusterSetup, ServerSetup, TlsFiles};
pub(crate) use grants::{HELD_BY_ALL, WHO_AM_I};
pub use keys::{InvalidNkey, PublicNkey, UserSeed};
pub use route::{InvalidRoutePassword, RoutePassword};

/// A user of the NATS servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NatsRole {
    /// Takes commands: reads orders and appends events.
    CommandApi,
    /// Works on the queues: appends events, sets timers, parks messages.
    Saga,
    /// Follows the log, and writes nothing.
    Projections,
    /// Follows the log and appends checkpoints.
    Audit,
    /// Reads the log and the checkpoints, and writes nothing.
    Auditor,
    /// Makes the streams, backs them up, restores them, looks at everything. Appends no event.
    Operator,
    /// Looks at how everything does, not at what is in it.
    Monitor,
}

impl NatsRole {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CommandApi,
        Self::Saga,
        Self::Projections,
        Self::Audit,
        Self::Auditor,
        Self::Operator,
        Self::Monitor,
    ];

    /// The name of its connection, of its inbox and of its files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommandApi => "command-api",
            Self::Saga => "saga",
            Self::Projections => "projections",
            Self::Audit => "audit",
            Self::Auditor => "auditor",
            Self::Operator => "ops",
            Self::Monitor => "monitor",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for NatsRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a user may do; whatever is not allowed is refused, and what is denied is refused even if it is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// What it may publish to.
    pub publish: Vec<String>,
    /// What it may not, though a pattern above has it.
    pub publish_denied: Vec<String>,
    /// What it may subscribe to.
    pub subscribe: Vec<String>,
}

impl Permissions {
    /// Those of a role.
    pub fn of(role: NatsRole) -> Self {
        Self {
            publish: grants::publish(role),
            publish_denied: grants::publish_denied(role),
            subscribe: grants::subscribe(role),
        }
    }
}
