//! Ed25519 keys in the text form of signed notes: a name, a short hash, an algorithm, and the key.
//!
//! Public: `<name>+<hash>+<base64>`; secret: `PRIVATE+KEY+<name>+<hash>+<base64>` (golang.org/x/mod/sumdb/note). The first
//! byte of what is in base64 says what the key is for: 1 signs checkpoints, 4 cosigns them as a witness (C2SP
//! tlog-cosignature). A key is good for one of both.
//!
//! Invariant: a secret key is never shown but by [`SecretKey::to_secret_text`].

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// It signs the checkpoints of a log.
    Log,
    /// It cosigns the checkpoints that a witness saw.
    Witness,
}

impl KeyUse {
    const fn algorithm(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }

    fn of(algorithm: u8) -> Option<Self> {
        [Self::Log, Self::Witness]
            .into_iter()
            .find(|it| it.algorithm() == algorithm)
    }
}

/// Text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not of this form.
    #[error("not a key of the form {0}")]
    Malformed(&'static str),
    /// The short hash is not that of name and key: something of it was altered.
    #[error("the key's hash is not that of its name and its bytes")]
    WrongHash,
    /// Neither for checkpoints nor for cosignatures.
    #[error("a key of an algorithm that is not known here")]
    UnknownAlgorithm,
    /// Empty, or with a space or a plus sign.
    #[error("a key's name is not empty and has neither spaces nor plus signs")]
    InvalidName,
}

/// A key to check signatures with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key_use: KeyUse,
    key: VerifyingKey,
}

/// The form of a public key.
const PUBLIC: &str = "<name>+<hash>+<base64>";

impl PublicKey {
    /// Reads the text form.
    ///
    /// # Errors
    /// See [`InvalidKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let malformed = InvalidKey::Malformed(PUBLIC);
        let (name, rest) = text.split_once('+').ok_or(malformed)?;
        let (hash, key) = rest.split_once('+').ok_or(malformed)?;
        let (key_use, bytes) = read_key(key).ok_or(malformed)??;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| malformed)?;
        let public = Self {
            name: valid_name(name)?,
            key_use,
            key,
        };
        if format!("{:08x}", public.id()) == hash {
            Ok(public)
        } else {
            Err(InvalidKey::WrongHash)
        }
    }

    /// Whose it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub const fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// The short hash by which a signature names its key.
    pub(super) fn id(&self) -> u32 {
        let mut bytes = vec![self.key_use.algorithm()];
        bytes.extend_from_slice(self.key.as_bytes());
        signed_note::key_id(&self.name, &bytes)
    }

    pub(super) fn is_signature_of(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = written_key(self.key_use, self.key.as_bytes());
        write!(f, "{}+{:08x}+{key}", self.name, self.id())
    }
}

/// A key to sign with.
#[derive(Clone)]
pub struct SecretKey {
    name: String,
    key_use: KeyUse,
    key: SigningKey,
}

/// The form of a secret key.
const SECRET: &str = "PRIVATE+KEY+<name>+<hash>+<base64>";

impl SecretKey {
    /// The key that follows from 32 random bytes.
    ///
    /// # Errors
    /// [`InvalidKey::InvalidName`].
    pub fn from_seed(name: &str, key_use: KeyUse, seed: [u8; 32]) -> Result<Self, InvalidKey> {
        Ok(Self {
            name: valid_name(name)?,
            key_use,
            key: SigningKey::from_bytes(&seed),
        })
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// See [`InvalidKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let malformed = InvalidKey::Malformed(SECRET);
        let text = text.strip_prefix("PRIVATE+KEY+").ok_or(malformed)?;
        let (name, rest) = text.split_once('+').ok_or(malformed)?;
        let (hash, key) = rest.split_once('+').ok_or(malformed)?;
        let (key_use, seed) = read_key(key).ok_or(malformed)??;
        let secret = Self::from_seed(name, key_use, seed)?;
        if format!("{:08x}", secret.public().id()) == hash {
            Ok(secret)
        } else {
            Err(InvalidKey::WrongHash)
        }
    }

    /// The key to check its signatures with.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            name: self.name.clone(),
            key_use: self.key_use,
            key: self.key.verifying_key(),
        }
    }

    /// The text form, for the file that it is kept in and nothing else.
    pub fn to_secret_text(&self) -> String {
        let key = written_key(self.key_use, self.key.as_bytes());
        format!("PRIVATE+KEY+{}+{:08x}+{key}", self.name, self.public().id())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public())
    }
}

fn valid_name(name: &str) -> Result<String, InvalidKey> {
    let is_printable = !name.chars().any(char::is_control);
    if is_printable && signed_note::is_key_name_valid(name) {
        Ok(name.to_owned())
    } else {
        Err(InvalidKey::InvalidName)
    }
}

/// The use and the 32 bytes; `None` for text that is not one byte and 32 in base64.
fn read_key(text: &str) -> Option<Result<(KeyUse, [u8; 32]), InvalidKey>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (algorithm, key) = bytes.split_first()?;
    let key = key.try_into().ok()?;
    let known = KeyUse::of(*algorithm).ok_or(InvalidKey::UnknownAlgorithm);
    Some(known.map(|key_use| (key_use, key)))
}

fn written_key(key_use: KeyUse, key: &[u8; 32]) -> String {
    let mut bytes = vec![key_use.algorithm()];
    bytes.extend_from_slice(key);
    STANDARD.encode(bytes)
}
