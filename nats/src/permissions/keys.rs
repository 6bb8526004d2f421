//! Nkeys: a user shows who it is by a signature, and the server keeps nothing secret.

use std::fmt;

use nkeys::{KeyPair, KeyPairType};

/// It is no public nkey of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no public nkey of a user: one begins with U and has 56 letters and digits")]
pub struct InvalidNkey;

/// The public nkey of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicNkey(String);

impl PublicNkey {
    /// Reads one.
    ///
    /// # Errors
    /// [`InvalidNkey`].
    pub fn parse(text: &str) -> Result<Self, InvalidNkey> {
        let pair = KeyPair::from_public_key(text).map_err(|_| InvalidNkey)?;
        match pair.key_pair_type() {
            KeyPairType::User => Ok(Self(text.to_owned())),
            _ => Err(InvalidNkey),
        }
    }
}

impl fmt::Display for PublicNkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The seed of a user's nkey: who has it is that user. It is shown to nobody by accident.
pub struct UserSeed(String);

impl UserSeed {
    /// A new one, of the operating system's randomness; none where a seed can't be written down, which does not happen for
    /// a pair that was just made.
    pub fn generate() -> Option<(Self, PublicNkey)> {
        let pair = KeyPair::new_user();
        let seed = pair.seed().ok()?;
        Some((Self(seed), PublicNkey(pair.public_key())))
    }

    /// What is to be kept secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserSeed(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_and_a_seed_or_anothers_key_is_none() {
        let (seed, public) = UserSeed::generate().unwrap();
        assert_eq!(PublicNkey::parse(&public.to_string()), Ok(public));
        let account = KeyPair::new_account().public_key();
        for other in [seed.reveal(), &account, "", "U\" }"] {
            assert_eq!(PublicNkey::parse(other), Err(InvalidNkey), "{other}");
        }
        assert_eq!(format!("{seed:?}"), "UserSeed(..)");
    }
}
