//! Those whom a role that asks everybody to log in lets in: by tokens of an issuer, and by API keys.

#[path = "../../../../../auth/tests/auth/forgeries.rs"]
mod forgeries;
#[path = "../../../../../auth/tests/auth/issuer.rs"]
mod issuer;

mod keys;

use std::fs;

use tempfile::TempDir;

use issuer::{AUDIENCE, Draft, ISSUER, jwks};

pub(crate) use keys::Keys;

/// How far the issuer's clock may be off: a token counts for so much longer.
const LEEWAY_SECS: i64 = 30;

/// What a deployment knows of its guests.
pub(crate) struct Guests {
    folder: TempDir,
    pub(crate) keys: Keys,
}

impl Guests {
    /// An issuer with its keys, and no API key yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("jwks.json"), jwks()).unwrap();
        Self {
            keys: Keys::at(folder.path().join("keys")),
            folder,
        }
    }

    /// The flags of a role that lets in these and nobody else.
    pub(crate) fn flags(&self) -> Vec<String> {
        let jwks = self.folder.path().join("jwks.json");
        self.flags_with_jwks(jwks.to_str().unwrap())
    }

    /// The same, with the issuer's keys from somewhere else.
    pub(crate) fn flags_with_jwks(&self, jwks: &str) -> Vec<String> {
        let flags = [
            ["--auth-issuer", ISSUER],
            ["--auth-audience", AUDIENCE],
            ["--auth-jwks", jwks],
            ["--api-keys-file", self.keys.file()],
        ];
        flags.concat().into_iter().map(str::to_owned).collect()
    }

    /// A token for somebody with these roles.
    pub(crate) fn token(name: &str, roles: &str) -> String {
        draft(name, roles).sign()
    }

    /// One that counts for so many seconds from now on.
    pub(crate) fn token_for(name: &str, roles: &str, secs: i64) -> String {
        let end = chrono::Utc::now().timestamp() - LEEWAY_SECS + secs;
        draft(name, roles).claim("exp", end).sign()
    }

    /// Tokens that must not count, each with what is wrong with it.
    pub(crate) fn forged() -> Vec<(&'static str, String)> {
        forgeries::all()
    }
}

fn draft(name: &str, roles: &str) -> Draft {
    let draft = Draft::new("ES256", "ec");
    draft.claim("sub", name).claim("scope", roles)
}
