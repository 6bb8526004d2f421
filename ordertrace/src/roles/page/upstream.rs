//! Which role serves what: the same split as the gateway's.
//!
//! Invariant: every operation that the roles describe is found at the role that has it, which a test walks.

use axum::http::Method;
use reqwest::Url;

use crate::cli::UpstreamArgs;

/// A role that serves a part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upstream {
    CommandApi,
    Saga,
    Projections,
    Audit,
}

/// The first parts of paths that go to any role.
pub(super) const ROOTS: [&str; 6] = [
    "/orders",
    "/payments",
    "/deliveries",
    "/orderTraces",
    "/ops",
    "/audit",
];

impl Upstream {
    /// The role that serves this.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let is_below = |root: &str| {
            let rest = path.strip_prefix(root);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let root = ROOTS.into_iter().find(|root| is_below(root))?;
        Some(match root {
            "/audit" => Self::Audit,
            // The lists are read from the views; what is done about an order is the saga's.
            "/ops" if path == "/ops/stuck" => Self::Projections,
            "/ops" if is_below("/ops/rebuild") || is_below("/ops/views") => Self::Projections,
            "/ops" => Self::Saga,
            "/orderTraces" => Self::Projections,
            _ if method.is_safe() => Self::Projections,
            _ => Self::CommandApi,
        })
    }

    /// Its name, for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CommandApi => "command-api",
            Self::Saga => "saga",
            Self::Projections => "projections",
            Self::Audit => "audit",
        }
    }

    /// Where it answers.
    pub(super) const fn url(self, args: &UpstreamArgs) -> &Url {
        match self {
            Self::CommandApi => &args.command_api_url,
            Self::Saga => &args.saga_url,
            Self::Projections => &args.projections_url,
            Self::Audit => &args.audit_url,
        }
    }
}

#[cfg(test)]
mod tests;
