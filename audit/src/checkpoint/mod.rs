//! Checkpoints: what the log was at a size, in one text that can be signed, kept elsewhere, and compared.
//!
//! A checkpoint is the body of a C2SP tlog-checkpoint with two extension lines:
//!
//! ```text
//! <origin>
//! <size>
//! <root of the tree, base64>
//! incarnation <as in a position>
//! map <root of the map, base64>
//! ```
//!
//! Invariant: the text of a checkpoint is read in exactly the form in which it is written, and no other.

mod key;
mod note;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::{Hash, Incarnation, Sequence};
use signed_note::is_key_name_valid;

pub use key::{InvalidKey, KeyUse, PublicKey, SecretKey};
pub use note::{Cosignature, NoteError, SignatureError, SignedCheckpoint};

/// What the log was at a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, by the name of the key that signs for it.
    pub origin: String,
    /// How many events there were: the position of the last one.
    pub size: Sequence,
    /// The root of the tree over them.
    pub tree_root: Hash,
    /// Which stream it was.
    pub incarnation: Incarnation,
    /// The root of the map of their orders.
    pub map_root: Hash,
}

/// Text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint of this kind of log")]
pub struct InvalidCheckpoint;

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!(
            "{}\n{}\n{}\nincarnation {}\nmap {}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.tree_root.as_bytes()),
            self.incarnation,
            STANDARD.encode(self.map_root.as_bytes()),
        )
    }

    /// Reads it back.
    ///
    /// # Errors
    /// [`InvalidCheckpoint`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidCheckpoint> {
        Self::read(text)
            .filter(|checkpoint| checkpoint.to_text() == text)
            .ok_or(InvalidCheckpoint)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        Some(Self {
            // It is the name of a key, whether or not anybody has that key to check the signature with.
            origin: lines
                .next()
                .filter(|line| is_key_name_valid(line))?
                .to_owned(),
            // Nobody signs for no events: such a checkpoint would cover nothing, and go before every other.
            size: Sequence::new(lines.next()?.parse().ok().filter(|size| *size > 0)?),
            tree_root: hash(lines.next()?)?,
            incarnation: incarnation(lines.next()?.strip_prefix("incarnation ")?)?,
            map_root: hash(lines.next()?.strip_prefix("map ")?)?,
        })
    }
}

fn hash(text: &str) -> Option<Hash> {
    let bytes = STANDARD.decode(text).ok()?;
    bytes.try_into().ok().map(Hash::from_bytes)
}

fn incarnation(text: &str) -> Option<Incarnation> {
    let nanos = u64::from_str_radix(text, 16).ok()?;
    Some(Incarnation::from_created_nanos(nanos))
}

#[cfg(test)]
mod tests;
