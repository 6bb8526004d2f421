//! What the servers of a cluster know each other by.
//!
//! Invariant: it has nothing in it that a configuration file or an address would read as anything but a letter of it.
//!
//! It deliberately is no nkey: routes of NATS know a name and a password only.

use std::fmt;

/// As many random bytes as nobody guesses.
const RANDOM_BYTES: usize = 32;

/// A password is written in hexadecimal: two digits a byte.
const DIGITS: usize = RANDOM_BYTES * 2;

/// It is no password of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no password of routes: one has {DIGITS} hexadecimal digits")]
pub struct InvalidRoutePassword;

/// The password of the routes between the servers of a cluster: who has it is one of them. It is shown to nobody by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct RoutePassword(String);

impl RoutePassword {
    /// A new one; none where the operating system has no randomness.
    pub fn generate() -> Option<Self> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).ok()?;
        Some(Self(random.map(|byte| format!("{byte:02x}")).concat()))
    }

    /// Reads one that was made before.
    ///
    /// # Errors
    /// [`InvalidRoutePassword`].
    pub fn parse(text: &str) -> Result<Self, InvalidRoutePassword> {
        let is_one = text.len() == DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_one
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidRoutePassword)
    }

    /// What is to be kept secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RoutePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoutePassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_read_again_and_anything_else_is_none() {
        let password = RoutePassword::generate().unwrap();
        assert_eq!(
            RoutePassword::parse(password.reveal()),
            Ok(password.clone())
        );
        assert_ne!(RoutePassword::generate(), Some(password.clone()));
        let short = &password.reveal()[1..];
        for other in ["", short, &format!("{short}@"), &format!("{short}\"")] {
            assert_eq!(RoutePassword::parse(other), Err(InvalidRoutePassword));
        }
        assert_eq!(format!("{password:?}"), "RoutePassword(..)");
    }
}
