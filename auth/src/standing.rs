//! Whether a login still stands while a long answer goes on.
//!
//! Invariant: it ends when its time is over, and within [`LOOK_EVERY`] and what the keys' own file needs once a new request
//! with the same credential would be refused, or would be let in as somebody else. It costs nothing while nobody waits
//! for it.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use ordertrace_domain::Timestamp;
use ordertrace_http::{LoginEnd, StandingLogin};
use tokio::time::sleep;

use crate::{AuthError, Authenticated, Authenticator, Credential};

/// How often a credential is checked again. A signature takes a tenth of a millisecond, and there are some hundred streams
/// at the most; nobody whose key was revoked is told anything a few seconds later.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Dates are compared in whole seconds: a token counts in the second in which it expires. Whoever comes back after the end is
/// refused.
const LAST_SECOND: Duration = Duration::from_secs(1);

/// The login by a credential that was just found to be this.
pub(crate) fn standing(
    authenticator: &Arc<Authenticator>,
    credential: Credential,
    shown: Authenticated,
) -> StandingLogin {
    let authenticator = Arc::clone(authenticator);
    StandingLogin::until(async move { ended(&authenticator, &credential, &shown).await })
}

async fn ended(
    authenticator: &Authenticator,
    credential: &Credential,
    shown: &Authenticated,
) -> LoginEnd {
    let end = shown.expires_at.map(|end| end.after(LAST_SECOND));
    let left = || end.map(|end| end.since(Timestamp::from(Utc::now())));
    let is_over = || left().is_some_and(|left| left.is_zero());
    loop {
        if is_over() {
            return LoginEnd::Expired;
        }
        sleep(left().map_or(LOOK_EVERY, |left| left.min(LOOK_EVERY))).await;
        match authenticator.check(credential).await {
            Ok(now) if now.principal == shown.principal => {}
            Ok(_) | Err(AuthError::Refused(_)) if !is_over() => return LoginEnd::Revoked,
            Ok(_) | Err(AuthError::Refused(_)) => return LoginEnd::Expired,
            Err(AuthError::NoKeys) => return LoginEnd::Unverifiable,
        }
    }
}
