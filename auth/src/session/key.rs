//! The key that sessions are sealed with.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};

use crate::hex;

const BYTES: usize = 32;

/// Text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSessionKey {
    /// It does not have 64 hexadecimal digits.
    #[error("a session key has 64 hexadecimal digits, such as `openssl rand -hex 32` prints")]
    Form,
    /// It can be guessed: all its bytes are the same.
    #[error("a session key is random, and this one is not")]
    NotRandom,
    /// The operating system gives no random bytes, or the library takes no key.
    #[error("no session key can be made")]
    NoRandomness,
}

/// A key. `Debug` does not show it.
pub struct SessionKey(pub(super) RandomizedNonceKey);

impl SessionKey {
    /// Reads the 64 hexadecimal digits of a configured key; white space around them, as at the end of a file, is ignored.
    ///
    /// # Errors
    /// Any other text, and a key that is not random.
    pub fn parse(text: &str) -> Result<Self, InvalidSessionKey> {
        let bytes: [u8; BYTES] = hex::decode(text.trim()).ok_or(InvalidSessionKey::Form)?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(InvalidSessionKey::NotRandom);
        }
        Self::from_bytes(&bytes)
    }

    /// A key that nobody else has: its sessions end with this process, and no other instance knows them.
    ///
    /// # Errors
    /// There are no random bytes.
    pub fn random() -> Result<Self, InvalidSessionKey> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|_| InvalidSessionKey::NoRandomness)?;
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8; BYTES]) -> Result<Self, InvalidSessionKey> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes);
        key.map(Self).map_err(|_| InvalidSessionKey::NoRandomness)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey([hidden])")
    }
}
