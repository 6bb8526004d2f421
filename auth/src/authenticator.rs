//! Everything by which somebody can say who they are.
//!
//! Invariant: with nothing to check anybody by, nobody gets in; only a program that says so is open.

use ordertrace_domain::Timestamp;
use ordertrace_http::{Principal, Problem, ProblemKind};
use secrecy::ExposeSecret as _;

use crate::{ApiKeys, Credential, Refused, Sessions, Tokens};

/// When to come back if there are no keys: they are asked for again by then.
const RETRY_AFTER_SECS: u32 = 2;

/// Somebody who has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub principal: Principal,
    /// When what they have shown ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// What they have shown does not count.
    #[error("refused")]
    Refused(#[from] Refused),
    /// It can't be said whether it counts: the keys to check it with were never to be had, or not for long. The same
    /// credential may do later.
    #[error("there are no keys to check it with")]
    NoKeys,
}

/// What a client is told. It does not say which check failed: that helps those who forge more than those who err.
impl From<&AuthError> for Problem {
    fn from(error: &AuthError) -> Self {
        match error {
            AuthError::Refused(_) => Self::new(
                ProblemKind::InvalidToken,
                "what you have sent to log in does not count here: it is malformed, has ended, or is not meant for this service",
            ),
            AuthError::NoKeys => Self::new(
                ProblemKind::NoKeys,
                "there are no keys to check a login with; nothing was changed",
            )
            .with_retry_after(RETRY_AFTER_SECS),
        }
    }
}

/// Checks credentials.
#[derive(Debug, Default)]
pub struct Authenticator {
    is_open: bool,
    tokens: Option<Tokens>,
    api_keys: Option<ApiKeys>,
    sessions: Option<Sessions>,
}

impl Authenticator {
    /// Lets everybody do everything, and looks at no credential: for a program that only its own machine can reach.
    pub fn open() -> Self {
        Self {
            is_open: true,
            ..Self::closed()
        }
    }

    /// Lets nobody in, as long as nothing else is said.
    pub fn closed() -> Self {
        Self::default()
    }

    /// Takes tokens.
    #[must_use]
    pub fn with_tokens(self, tokens: Tokens) -> Self {
        Self {
            tokens: Some(tokens),
            ..self
        }
    }

    /// Takes API keys.
    #[must_use]
    pub fn with_api_keys(self, keys: ApiKeys) -> Self {
        Self {
            api_keys: Some(keys),
            ..self
        }
    }

    /// Takes the page's sessions, for whatever else is taken.
    #[must_use]
    pub fn with_sessions(self, sessions: Sessions) -> Self {
        Self {
            sessions: Some(sessions),
            ..self
        }
    }

    /// Whether everybody may do everything.
    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// The page's sessions, if there are any.
    pub const fn sessions(&self) -> Option<&Sessions> {
        self.sessions.as_ref()
    }

    /// Whether credentials can be checked now; asks for the keys to do so if they are not there yet. For `/readyz`.
    pub async fn is_ready(&self) -> bool {
        let are_tokens = match &self.tokens {
            Some(tokens) => tokens.are_ready().await,
            None => true,
        };
        let are_keys = match &self.api_keys {
            Some(keys) => keys.are_ready().await,
            None => true,
        };
        are_tokens && are_keys
    }

    /// Who shows this credential.
    ///
    /// # Errors
    /// It does not count, or nobody can say.
    pub async fn check(&self, credential: &Credential) -> Result<Authenticated, AuthError> {
        match (credential, &self.tokens, &self.api_keys) {
            (Credential::Token(token), Some(tokens), _) => {
                tokens.check(token.expose_secret()).await
            }
            (Credential::ApiKey(key), _, Some(keys)) => keys.check(key.expose_secret()).await,
            (Credential::Token(_), None, _) | (Credential::ApiKey(_), _, None) => {
                Err(Refused::Kind.into())
            }
        }
    }
}
