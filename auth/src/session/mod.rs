//! The page's sessions: a credential that a browser keeps for us, in a cookie that it can't read.
//!
//! Invariant: a session is never better than the credential in it, which is checked on every request like any other. The
//! cookie is sealed (AES-256-GCM): nobody without the key can read it, make one, or change one. Nothing is kept on this
//! side, so every instance with the same key knows every session, and none has to be told of one.

mod cookie;
mod key;
mod sealed;

use std::{iter, time::Duration};

use axum::http::{HeaderMap, HeaderValue};
use ordertrace_domain::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

pub use cookie::Transport;
pub use key::{InvalidSessionKey, SessionKey};
pub use sealed::{SESSION_CREDENTIAL_BYTES_MAX, SealError};

use crate::{Credential, Refused};
use sealed::Content;

/// The longest session: who logs in in the morning need not again before the evening.
const SESSION_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// Makes and opens sessions.
#[derive(Debug)]
pub struct Sessions {
    key: SessionKey,
    previous: Vec<SessionKey>,
    transport: Transport,
}

/// A session that was opened; it holds at this time.
#[derive(Debug, Clone)]
pub struct Session {
    credential: Credential,
    csrf_token: SecretString,
    expires_at: Timestamp,
}

/// What a request's cookie is.
pub(crate) enum Kept {
    /// There is none.
    Nothing,
    /// It is of no use any more, or never was: the browser should forget it.
    Useless,
    /// A session.
    Session(Session),
}

impl Sessions {
    /// Sessions that are sealed with a key. Those sealed with a previous one are opened, too, so that keys can be changed
    /// without logging anybody out.
    pub fn new(key: SessionKey, previous: Vec<SessionKey>, transport: Transport) -> Self {
        Self {
            key,
            previous,
            transport,
        }
    }

    /// The `Set-Cookie` of a new session, for a credential that has just been checked and ends at that time.
    ///
    /// # Errors
    /// The credential is too long for a cookie, has ended, or there is no randomness to be had.
    pub fn begin(
        &self,
        credential: &Credential,
        credential_ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<HeaderValue, SealError> {
        let longest = now.after(SESSION_MAX);
        let expires_at = credential_ends.map_or(longest, |end| end.min(longest));
        if expires_at <= now {
            return Err(SealError::Ended);
        }
        let sealed = Content::new(credential.expose(), expires_at)?.seal(&self.key)?;
        Ok(self.transport.cookie(&sealed, expires_at.since(now)))
    }

    /// The `Set-Cookie` that has a browser forget its session.
    pub fn end(&self) -> HeaderValue {
        self.transport.cookie("", Duration::ZERO)
    }

    /// The session of a request, if it has one that holds. Whether the credential in it still counts is not looked at.
    pub fn read(&self, headers: &HeaderMap, now: Timestamp) -> Option<Session> {
        match self.of(headers, now) {
            Kept::Session(session) => Some(session),
            Kept::Nothing | Kept::Useless => None,
        }
    }

    /// The same, and what to do about it if it does not hold.
    pub(crate) fn of(&self, headers: &HeaderMap, now: Timestamp) -> Kept {
        let sealed = match self.transport.read(headers) {
            Ok(None) => return Kept::Nothing,
            Ok(Some(sealed)) => sealed,
            Err(cookie::Several) => return Kept::Useless,
        };
        let mut keys = iter::once(&self.key).chain(&self.previous);
        let opened = keys.find_map(|key| Content::open(sealed, key));
        match opened.map(|content| Session::from_content(content, now)) {
            Some(Ok(session)) => Kept::Session(session),
            Some(Err(_)) | None => Kept::Useless,
        }
    }
}

impl Session {
    fn from_content(content: Content, now: Timestamp) -> Result<Self, Refused> {
        let expires_at = Timestamp::from_micros(content.expires_at);
        if expires_at <= now {
            return Err(Refused::Lifetime);
        }
        Ok(Self {
            credential: Credential::parse(&content.credential)?,
            csrf_token: content.csrf_token.clone().into(),
            expires_at,
        })
    }

    /// Whose session it is, to be checked.
    pub(crate) const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The value of `Authorization` that says to another server of ours what the cookie says to this one. A log shows that there
    /// is one, and not what it is.
    pub fn authorization(&self) -> HeaderValue {
        self.credential.bearer()
    }

    /// When it ends, unless its credential ends earlier.
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What a form of ours has to send with it, in the field [`CSRF_FIELD`] or the header [`CSRF_HEADER`]: another site can
    /// have a browser send the cookie, but not read this.
    ///
    /// [`CSRF_FIELD`]: crate::CSRF_FIELD
    /// [`CSRF_HEADER`]: crate::CSRF_HEADER
    pub fn csrf_token(&self) -> &str {
        self.csrf_token.expose_secret()
    }

    /// Whether this is what a form of ours in this session sends.
    pub fn check_csrf(&self, token: &str) -> bool {
        let expected = self.csrf_token().as_bytes();
        token.as_bytes().ct_eq(expected).into()
    }
}

#[cfg(test)]
mod tests;
