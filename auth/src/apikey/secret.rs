//! The text of an API key, and what is kept of it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::hex;

/// What every API key begins with, for people and for programs that look for secrets in the wrong places.
pub(crate) const PREFIX: &str = "ot_";

const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
/// 32 bytes in Base64 without padding.
const SECRET_CHARS: usize = 43;

/// Which API key: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Reads an id.
    ///
    /// # Errors
    /// Anything but 16 digits, the letters in lower case.
    pub fn parse(text: &str) -> Result<Self, super::InvalidKey> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 2 * ID_BYTES && text.bytes().all(is_hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(super::InvalidKey::Id)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is kept of a secret: the SHA-256 of its 43 characters.
#[derive(Clone, Copy)]
pub(super) struct SecretHash([u8; 32]);

impl SecretHash {
    fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Reads the 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        hex::decode(text).map(Self)
    }

    pub(super) fn to_text(self) -> String {
        hex::encode(&self.0)
    }
}

/// An API key as a client sends it.
pub(super) struct Presented {
    pub(super) id: KeyId,
    hash: SecretHash,
}

impl Presented {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_whole = secret.len() == SECRET_CHARS;
        Some(Self {
            id: KeyId::parse(id).ok()?,
            hash: is_whole.then(|| SecretHash::of(secret))?,
        })
    }

    /// Whether its secret is the one of which this is kept. An id that nobody has takes as long as a wrong secret does.
    pub(super) fn is(&self, kept: Option<SecretHash>) -> bool {
        let SecretHash(expected) = kept.unwrap_or(SecretHash([0; 32]));
        let is_equal: bool = self.hash.0.ct_eq(&expected).into();
        is_equal && kept.is_some()
    }
}

/// Makes a key.
pub(super) fn make() -> Result<(KeyId, SecretHash, SecretString), getrandom::Error> {
    let mut id = [0; ID_BYTES];
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut id)?;
    getrandom::fill(&mut secret)?;
    let id = KeyId(hex::encode(&id));
    let secret = URL_SAFE_NO_PAD.encode(secret);
    let text = format!("{PREFIX}{id}_{secret}");
    Ok((id, SecretHash::of(&secret), text.into()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_key_is_known_by_its_own_secret_only() {
        let (id, hash, text) = make().unwrap();
        let (_, other, _) = make().unwrap();
        let presented = Presented::parse(text.expose_secret()).unwrap();
        assert_eq!(presented.id, id);
        assert!(presented.is(Some(hash)));
        assert!(!presented.is(Some(other)));
        assert!(!presented.is(None));
    }

    #[test]
    fn a_hash_is_read_back_as_it_was_written() {
        let (_, hash, _) = make().unwrap();
        let read = SecretHash::parse(&hash.to_text()).unwrap();
        assert_eq!(read.0, hash.0);
        assert!(SecretHash::parse(&hash.to_text()[1..]).is_none());
        assert!(SecretHash::parse(&"+f".repeat(32)).is_none());
        assert!(SecretHash::parse(&"é".repeat(32)).is_none());
    }

    #[rstest]
    #[case("ot_0123456789abcdef_")]
    #[case(&format!("ot_0123456789abcdef_{}", "A".repeat(42)))]
    #[case(&format!("ot_0123456789abcdef_{}", "A".repeat(44)))]
    #[case(&format!("ot_0123456789ABCDEF_{}", "A".repeat(43)))]
    #[case(&format!("ot_0123_{}", "A".repeat(43)))]
    #[case(&format!("OT_0123456789abcdef_{}", "A".repeat(43)))]
    #[case(&format!("ot_0123456789abcdef{}", "A".repeat(44)))]
    fn anything_else_is_no_key(#[case] text: &str) {
        assert!(Presented::parse(text).is_none());
    }
}
