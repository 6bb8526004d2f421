//! How a connection is made.

use std::fmt;
use std::time::Duration;

use async_nats::ServerAddr;

use super::access::Access;
use super::error::ConnectError;

/// A server that starts beside this process is there within a few seconds, even with a large store.
const START_BUDGET: Duration = Duration::from_secs(30);

/// Which servers to connect to, and as whom.
#[derive(Clone)]
pub struct ConnectOptions {
    /// The servers, such as `nats://127.0.0.1:4222`; any one of them will do.
    pub urls: Vec<String>,
    /// The role of this connection, such as `command-api`: it names the connection and its inboxes (`_INBOX_<role>`), so
    /// that permissions can confine it. Lowercase letters, digits and hyphens.
    pub role: String,
    /// What tells this process from others of its role to whoever looks at the server, such as a host name.
    pub instance: String,
    /// How long the first connection may take.
    pub start_budget: Duration,
    /// Credentials and TLS.
    pub access: Access,
}

/// Without the addresses: they may carry a password.
impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("role", &self.role)
            .field("instance", &self.instance)
            .field("start_budget", &self.start_budget)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

impl ConnectOptions {
    /// Connects to these servers in this role; the instance is named by its process id.
    pub fn new<U: Into<String>>(urls: impl IntoIterator<Item = U>, role: &str) -> Self {
        Self {
            urls: urls.into_iter().map(Into::into).collect(),
            role: role.to_owned(),
            instance: format!("p{}", std::process::id()),
            start_budget: START_BUDGET,
            access: Access::default(),
        }
    }

    /// Checks everything that can be checked without a server.
    pub(super) fn servers(&self) -> Result<Vec<ServerAddr>, ConnectError> {
        for name in [&self.role, &self.instance] {
            if !is_name(name) {
                return Err(ConnectError::InvalidName { name: name.clone() });
            }
        }
        if self.urls.is_empty() {
            return Err(ConnectError::NoServer);
        }
        let parsed = self.urls.iter().enumerate().map(|(index, url)| {
            url.parse().map_err(|source| ConnectError::InvalidUrl {
                number: index + 1,
                source,
            })
        });
        parsed.collect()
    }
}

/// The names become tokens of subjects and names of consumers.
fn is_name(name: &str) -> bool {
    const BYTES_MAX: usize = 64;
    (1..=BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str, role: &str) -> ConnectOptions {
        ConnectOptions::new([url], role)
    }

    #[test]
    fn a_role_that_would_widen_its_inbox_is_refused() {
        for role in ["", "*", ">", "a.b", "A", "a b", &"a".repeat(65)] {
            let refused = options("nats://127.0.0.1:4222", role).servers();
            assert!(
                matches!(refused, Err(ConnectError::InvalidName { .. })),
                "{role}"
            );
        }
        assert!(options("nats://127.0.0.1:4222", "saga").servers().is_ok());
    }

    #[test]
    fn an_address_that_is_none_is_told_without_its_password() {
        let error = options("nats://user:secret@[::1", "saga")
            .servers()
            .unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_password_in_an_address_is_shown_to_nobody() {
        let shown = format!("{:?}", options("nats://user:secret@127.0.0.1:4222", "saga"));
        assert!(
            shown.contains("saga") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn no_address_at_all_is_refused() {
        let none = ConnectOptions::new(Vec::<String>::new(), "saga").servers();
        assert!(matches!(none, Err(ConnectError::NoServer)));
    }
}
