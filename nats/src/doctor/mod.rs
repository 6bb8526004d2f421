//! Looks over a deployment: what of it would lose orders, let in who should not be, or keep a role from starting.
//!
//! Invariants: nothing is changed; what was seen ([`Observations`]) and what is made of it ([`findings`]) are apart, and the
//! second is a pure function. What could not be seen is a finding, never passed over. It deliberately does not look into
//! what is in the log: that is what `audit verify` is for.

mod finding;
mod observe;
mod seen;
mod servers;
mod streams;
mod user;

pub use finding::{Check, Finding, Severity};
pub use seen::{Grants, Held, Observations, Seen, ServerSeen, StreamSeen, Subjects, UserSeen};

use crate::permissions::NatsRole;

/// What is to be mended, the worst first. `role` is whose user was asked about.
pub fn findings(seen: &Observations, role: NatsRole) -> Vec<Finding> {
    let mut found = Vec::new();
    servers::judge(seen, &mut found);
    streams::judge(seen, &mut found);
    user::judge(seen, role, &mut found);
    found.sort_by_key(|finding| finding.severity);
    found
}
