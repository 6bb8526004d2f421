//! Signed checkpoints: a C2SP signed note around the text, with the log's signature and those of witnesses.
//!
//! Invariant: a note is read in exactly the form in which it is written. It has been read, and no more, until a signature
//! was checked against a key that the reader had before.

use ordertrace_domain::Timestamp;
use signed_note::{Note, Signature};

use super::{Checkpoint, InvalidCheckpoint, KeyUse, PublicKey, SecretKey};

/// Text that is no signed checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note, or not in the form in which one is written.
    #[error("not a signed note")]
    Malformed,
    /// A signed note about something else.
    #[error(transparent)]
    NoCheckpoint(#[from] InvalidCheckpoint),
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Nobody signed with this key.
    #[error("no signature by {0}")]
    Missing(String),
    /// There is one that says so, and it is none of this key and this text.
    #[error("the signature that is said to be by {0} is not: it, the text, or the key was altered")]
    Wrong(String),
    /// A witness's key where the log's is wanted, or the other way round.
    #[error("the key {0} is not for this use")]
    WrongUse(String),
    /// The log's key has another name than the checkpoint's origin.
    #[error("the checkpoint is of {origin}, the key of {key}")]
    OtherOrigin {
        /// What the checkpoint says.
        origin: String,
        /// What the key says.
        key: String,
    },
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: String,
}

/// What a witness adds to a checkpoint: its signature, as a line of the note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    line: String,
}

impl SignedCheckpoint {
    /// Signs a checkpoint; its origin has to be the key's name.
    pub fn sign(checkpoint: Checkpoint, key: &SecretKey) -> Self {
        let text = checkpoint.to_text();
        let line = line(&key.public(), &key.sign(text.as_bytes()));
        Self {
            checkpoint,
            note: format!("{text}\n{line}"),
        }
    }

    /// Reads a note. No signature is checked.
    ///
    /// # Errors
    /// See [`NoteError`].
    pub fn parse(note: &[u8]) -> Result<Self, NoteError> {
        let parsed = Note::from_bytes(note).map_err(|_| NoteError::Malformed)?;
        if parsed.to_bytes() != note {
            return Err(NoteError::Malformed);
        }
        let note = String::from_utf8(note.to_vec()).map_err(|_| NoteError::Malformed)?;
        let text = String::from_utf8(parsed.text().to_vec()).map_err(|_| NoteError::Malformed)?;
        Ok(Self {
            checkpoint: Checkpoint::parse(&text)?,
            note,
        })
    }

    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The whole note.
    pub fn as_str(&self) -> &str {
        &self.note
    }

    /// Checks the log's signature.
    ///
    /// # Errors
    /// See [`SignatureError`].
    pub fn check(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let name = || key.name().to_owned();
        if key.key_use() != KeyUse::Log {
            return Err(SignatureError::WrongUse(name()));
        }
        if key.name() != self.checkpoint.origin {
            return Err(SignatureError::OtherOrigin {
                origin: self.checkpoint.origin.clone(),
                key: name(),
            });
        }
        let signature = self.signature(key)?;
        if key.is_signature_of(self.checkpoint.to_text().as_bytes(), &signature) {
            Ok(())
        } else {
            Err(SignatureError::Wrong(name()))
        }
    }

    /// Checks a witness's cosignature, and gives the time at which it says to have seen the checkpoint.
    ///
    /// # Errors
    /// See [`SignatureError`].
    pub fn check_cosignature(&self, key: &PublicKey) -> Result<Timestamp, SignatureError> {
        let name = || key.name().to_owned();
        if key.key_use() != KeyUse::Witness {
            return Err(SignatureError::WrongUse(name()));
        }
        let bytes = self.signature(key)?;
        let wrong = || SignatureError::Wrong(name());
        let (seconds, signature) = bytes.split_first_chunk().ok_or_else(wrong)?;
        let seconds = u64::from_be_bytes(*seconds);
        if key.is_signature_of(&cosigned(&self.checkpoint, seconds), signature) {
            Ok(time(seconds))
        } else {
            Err(wrong())
        }
    }

    /// Cosigns it as a witness that saw it at this time.
    pub fn cosign(&self, key: &SecretKey, seen_at: Timestamp) -> Cosignature {
        let seconds = u64::try_from(seen_at.micros() / MICROS).unwrap_or_default();
        let signature = key.sign(&cosigned(&self.checkpoint, seconds));
        let bytes = [&seconds.to_be_bytes()[..], &signature].concat();
        Cosignature {
            line: line(&key.public(), &bytes),
        }
    }

    /// The same checkpoint with a cosignature more; one that is there already is not added again.
    #[must_use]
    pub fn with(mut self, cosignature: &Cosignature) -> Self {
        if !self.note.contains(&format!("\n{}", cosignature.line)) {
            self.note.push_str(&cosignature.line);
        }
        self
    }

    /// The bytes of the first signature that is said to be by this key.
    fn signature(&self, key: &PublicKey) -> Result<Vec<u8>, SignatureError> {
        let signatures = self.note.rsplit_once("\n\n").map_or("", |(_, rest)| rest);
        let mut signatures = signatures
            .lines()
            .filter_map(|line| Signature::from_bytes(line.as_bytes()).ok());
        let found = signatures.find(|it| it.name() == key.name() && it.id() == key.id());
        let found = found.map(|signature| signature.signature().to_vec());
        found.ok_or_else(|| SignatureError::Missing(key.name().to_owned()))
    }
}

impl Cosignature {
    /// Reads the line of a note, with the line feed that ends it.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let text = line.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        let signature = Signature::from_bytes(text.as_bytes()).map_err(|_| NoteError::Malformed)?;
        if signature.to_bytes() == line.as_bytes() {
            Ok(Self {
                line: line.to_owned(),
            })
        } else {
            Err(NoteError::Malformed)
        }
    }

    /// The line, with the line feed that ends it.
    pub fn as_str(&self) -> &str {
        &self.line
    }
}

const MICROS: i64 = 1_000_000;

fn time(seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Timestamp::from_micros(seconds.saturating_mul(MICROS))
}

/// What a witness signs (C2SP tlog-cosignature).
fn cosigned(checkpoint: &Checkpoint, seconds: u64) -> Vec<u8> {
    let text = checkpoint.to_text();
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

/// A signature as a line of a note.
fn line(key: &PublicKey, signature: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let bytes = [&key.id().to_be_bytes()[..], signature].concat();
    format!("— {} {}\n", key.name(), STANDARD.encode(bytes))
}
