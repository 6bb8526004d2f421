//! The issuer's keys: a JWK Set (RFC 7517) from a file or from where the issuer publishes it.
//!
//! Invariant: the last good set serves on while a newer one can't be had, and asking for one is bounded whatever tokens
//! come. A set that is fetched does not serve for ever: what the issuer has withdrawn must end at some time.

mod fetch;
mod key;
mod remote;
mod set;

use std::{path::PathBuf, sync::Arc, time::Duration};

use jsonwebtoken::Algorithm;
use reqwest::Url;

pub use fetch::JwksUrlError;
pub(crate) use key::Key;

use crate::{AuthError, Refused, watched::Watched};
use fetch::Fetcher;
use remote::Remote;
use set::{KeySet, NoKey};

/// How often to look whether a file has changed. A new key is not used before everybody has had time to learn of it.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The largest set: 256 KiB, a few thousand bytes for each key of the most that are taken.
const SET_BYTES_MAX: usize = 256 * 1024;

/// The issuer's keys.
#[derive(Debug)]
pub struct Jwks {
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(Watched<KeySet>),
    Url(Arc<Remote>),
}

impl Jwks {
    /// Keys from a file, which is read again when it has changed.
    pub fn from_file(file: impl Into<PathBuf>) -> Self {
        let watched = Watched::new(
            "the issuer's keys",
            file,
            LOOK_EVERY,
            SET_BYTES_MAX,
            |bytes| {
                let set = KeySet::parse(bytes)?;
                set.log_unusable();
                Ok(set)
            },
        );
        Self {
            source: Source::File(watched),
        }
    }

    /// Keys from an address, which is asked again when they are old, or when a token names one that is not among them.
    ///
    /// # Errors
    /// The address is neither HTTPS nor this machine's, or no client can be made.
    pub fn from_url(url: Url) -> Result<Self, JwksUrlError> {
        Ok(Self::remote(Remote::new(
            Fetcher::new(url)?,
            remote::Pace::USUAL,
        )))
    }

    fn remote(remote: Remote) -> Self {
        Self {
            source: Source::Url(Arc::new(remote)),
        }
    }

    /// The key that a token was signed with.
    pub(crate) async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<Key>, AuthError> {
        let found = self.set().await?.find(kid, algorithm);
        match (found, &self.source) {
            (Err(NoKey::Unknown), Source::Url(remote)) => {
                remote.ask_for_more().await;
                Ok(self
                    .set()
                    .await?
                    .find(kid, algorithm)
                    .map_err(Refused::from)?)
            }
            (found, _) => Ok(found.map_err(Refused::from)?),
        }
    }

    /// Whether there are any keys; asks for them if there are none yet.
    pub(crate) async fn are_there(&self) -> bool {
        self.set().await.is_ok()
    }

    async fn set(&self) -> Result<Arc<KeySet>, AuthError> {
        let set = match &self.source {
            Source::File(watched) => watched.get().await.ok(),
            Source::Url(remote) => remote.set().await,
        };
        set.ok_or(AuthError::NoKeys)
    }
}

impl From<NoKey> for Refused {
    fn from(none: NoKey) -> Self {
        match none {
            NoKey::Unknown => Self::KeyUnknown,
            NoKey::Unnamed => Self::KeyIdMissing,
            NoKey::OtherAlgorithm => Self::KeyAlgorithm,
        }
    }
}
