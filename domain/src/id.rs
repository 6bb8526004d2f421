//! Identifiers. Each is a UUID in a newtype of its own, so that an order can't be passed where an event is meant.
//!
//! Invariant: text becomes an id through `parse` only, and only in the canonical lowercase form, because order ids are
//! put into NATS subjects. This module never makes up an id: random ones come from the edge, derived ones are UUIDv5.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Text that is not a canonical lowercase UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a lowercase UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct InvalidId;

fn canonical(text: &str) -> Result<Uuid, InvalidId> {
    let uuid = Uuid::try_parse(text).map_err(|_| InvalidId)?;
    let mut buffer = Uuid::encode_buffer();
    if uuid.hyphenated().encode_lower(&mut buffer) == text {
        Ok(uuid)
    } else {
        Err(InvalidId)
    }
}

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was generated or derived, never one taken from unparsed text.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Reads the canonical lowercase form.
            ///
            /// # Errors
            /// Any other text, other spellings of a UUID included.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                canonical(text).map(Self)
            }

            /// The 16 bytes, as they stand in an envelope.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The UUID inside.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

uuid_newtype!(
    /// Names one order, and with it its payment and its delivery.
    OrderId
);
uuid_newtype!(
    /// Names one command; a repeat of the command has the same id.
    CommandId
);
uuid_newtype!(
    /// Names one event: derived from its command and version.
    EventId
);
uuid_newtype!(
    /// Ties together all that followed from one command of a user: that command's id.
    CorrelationId
);

impl EventId {
    /// UUIDv5 of the version's decimal digits in the namespace of the command.
    pub fn derive(command: CommandId, version: crate::Version) -> Self {
        Self(Uuid::new_v5(
            &command.0,
            version.get().to_string().as_bytes(),
        ))
    }
}

impl From<CommandId> for CorrelationId {
    fn from(command: CommandId) -> Self {
        Self(command.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_canonical_id_round_trips() {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(OrderId::parse(text).unwrap().to_string(), text);
    }

    #[rstest]
    #[case::uppercase("01890A5D-AC96-774B-BCCE-B302099A8057")]
    #[case::simple("01890a5dac96774bbcceb302099a8057")]
    #[case::braced("{01890a5d-ac96-774b-bcce-b302099a8057}")]
    #[case::urn("urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057")]
    #[case::wildcard("*")]
    #[case::full_wildcard(">")]
    #[case::tokens("a.b")]
    #[case::empty("")]
    #[case::nul("01890a5d-ac96-774b-bcce-b302099a805\0")]
    #[case::homoglyph("01890\u{0430}5d-ac96-774b-bcce-b302099a8057")]
    fn no_other_spelling_is_an_id(#[case] text: &str) {
        assert_eq!(OrderId::parse(text), Err(InvalidId));
    }
}
