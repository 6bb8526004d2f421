//! On whose behalf a request is made.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use ordertrace_domain::{Actor, ActorId, ActorKind, CustomerId};

/// Who asks. A layer that authenticates puts one into the request's extensions; without it everybody is `anonymous`,
/// which is why a role without authentication only listens on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who acts, for the events.
    pub actor: Actor,
    /// Whose order it is that they place.
    pub customer_id: CustomerId,
}

impl Principal {
    /// Somebody who did not log in.
    pub fn anonymous() -> Self {
        #[expect(clippy::expect_used, reason = "a constant that a test reads")]
        let (id, customer_id) = (
            ActorId::parse("anonymous").expect("a name"),
            CustomerId::parse("anonymous").expect("a name"),
        );
        Self {
            actor: Actor {
                kind: ActorKind::Anonymous,
                id,
            },
            customer_id,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let authenticated = parts.extensions.get::<Self>().cloned();
        Ok(authenticated.unwrap_or_else(Self::anonymous))
    }
}
