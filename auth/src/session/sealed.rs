//! What is in the cookie: `<nonce><ciphertext><tag>` in Base64.
//!
//! Nonces are random. GCM allows some four thousand million of them for a key, which is as many log-ins.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ordertrace_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::SessionKey;

/// The longest credential that a cookie has room for. Browsers keep 4,096 bytes with name and attributes; sealing and Base64
/// take a third and some.
pub const SESSION_CREDENTIAL_BYTES_MAX: usize = 2_800;

/// What the seal is for: whatever else is sealed with the same key some day is no session.
const PURPOSE: &[u8] = b"ordertrace session 1";

/// 256 bits, as for every secret here.
const CSRF_BYTES: usize = 32;

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The credential does not fit into a cookie. An API key does.
    #[error(
        "the credential has more than {SESSION_CREDENTIAL_BYTES_MAX} bytes, and a cookie has no room for it"
    )]
    TooLong,
    /// The credential has ended meanwhile.
    #[error("the credential does not count any more")]
    Ended,
    /// There are no random bytes to be had, or the library refuses.
    #[error("nothing can be sealed")]
    NoRandomness,
}

/// What a session is made of. It is never shown, and has no `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    pub(super) credential: String,
    pub(super) csrf_token: String,
    pub(super) expires_at: i64,
}

impl Content {
    pub(super) fn new(credential: &str, expires_at: Timestamp) -> Result<Self, SealError> {
        if credential.len() > SESSION_CREDENTIAL_BYTES_MAX {
            return Err(SealError::TooLong);
        }
        let mut csrf_token = [0; CSRF_BYTES];
        getrandom::fill(&mut csrf_token).map_err(|_| SealError::NoRandomness)?;
        Ok(Self {
            credential: credential.to_owned(),
            csrf_token: URL_SAFE_NO_PAD.encode(csrf_token),
            expires_at: expires_at.micros(),
        })
    }

    pub(super) fn seal(&self, key: &SessionKey) -> Result<String, SealError> {
        let failed = |_| SealError::NoRandomness;
        let mut bytes = serde_json::to_vec(self).map_err(|_| SealError::NoRandomness)?;
        let nonce = key
            .0
            .seal_in_place_append_tag(Aad::from(PURPOSE), &mut bytes)
            .map_err(failed)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend(bytes);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    pub(super) fn open(sealed: &str, key: &SessionKey) -> Option<Self> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = key
            .0
            .open_in_place(nonce, Aad::from(PURPOSE), sealed)
            .ok()?;
        serde_json::from_slice(opened).ok()
    }
}
