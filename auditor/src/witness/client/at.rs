//! Where a witness is, and by which key it is known: `<public key>@<URL>` in one word.

use std::{fmt, str::FromStr};

use ordertrace_audit::{InvalidKey, KeyUse, PublicKey};
use reqwest::Url;

/// A witness: its key, and its submission prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessAt {
    pub(super) key: PublicKey,
    pub(super) url: Url,
}

/// Text that names no witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWitness {
    /// It is not two things with an `@` between.
    #[error("a witness is named as <public key>@<URL>")]
    Form,
    /// The first of them is no key.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// It is the key of a log.
    #[error("this is the key of a log; a witness's is made by `ordertrace audit keygen --witness`")]
    NotAWitness,
    /// The second is nowhere to send a checkpoint.
    #[error(
        "a witness is at an http or https URL without a query, such as https://witness.example"
    )]
    Url,
}

impl FromStr for WitnessAt {
    type Err = InvalidWitness;

    fn from_str(text: &str) -> Result<Self, InvalidWitness> {
        // A name and a URL may have an `@`, what follows on the name's two plus signs has none.
        let named = text.match_indices('+').nth(1).map_or(0, |(at, _)| at);
        let at = text[named..].find('@').ok_or(InvalidWitness::Form)?;
        let (key, url) = text.split_at(named + at);
        let key = PublicKey::parse(key)?;
        if key.key_use() != KeyUse::Witness {
            return Err(InvalidWitness::NotAWitness);
        }
        let url = Url::parse(&url[1..]).map_err(|_| InvalidWitness::Url)?;
        let is_http = matches!(url.scheme(), "http" | "https");
        if !is_http || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidWitness::Url);
        }
        Ok(Self { key, url })
    }
}

impl WitnessAt {
    /// The key by which its cosignatures are checked.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for WitnessAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessAt({})", self.key)
    }
}

#[cfg(test)]
mod tests {
    use ordertrace_audit::SecretKey;
    use rstest::rstest;

    use super::*;

    fn key(name: &str, key_use: KeyUse) -> PublicKey {
        let key = SecretKey::from_seed(name, key_use, [7; 32]);
        key.unwrap().public()
    }

    #[rstest]
    #[case("witness.example/w1", "https://witness.example/")]
    #[case("witness.example", "http://127.0.0.1:8086/a/prefix")]
    #[case("ann@witness.example", "https://ann:secret@witness.example/")]
    fn a_witness_is_named_in_one_word(#[case] name: &str, #[case] url: &str) {
        let key = key(name, KeyUse::Witness);
        let witness: WitnessAt = format!("{key}@{url}").parse().unwrap();
        assert_eq!(witness.key(), &key);
        assert_eq!(witness.url.as_str(), url);
        assert!(!format!("{witness:?}").contains("secret"));
    }

    #[rstest]
    #[case::no_url("{key}", InvalidWitness::Form)]
    #[case::nothing("", InvalidWitness::Form)]
    #[case::no_key(
        "https://ann@witness.example",
        InvalidWitness::Key(InvalidKey::Malformed("<name>+<hash>+<base64>"))
    )]
    #[case::a_log("{log}@https://log.example", InvalidWitness::NotAWitness)]
    #[case::no_scheme("{key}@witness.example", InvalidWitness::Url)]
    #[case::other_scheme("{key}@file:///etc", InvalidWitness::Url)]
    #[case::query("{key}@https://witness.example/?a", InvalidWitness::Url)]
    fn nothing_else_is_a_witness(#[case] text: &str, #[case] why: InvalidWitness) {
        let text = text.replace("{key}", &key("w", KeyUse::Witness).to_string());
        let text = text.replace("{log}", &key("l", KeyUse::Log).to_string());
        assert_eq!(text.parse::<WitnessAt>(), Err(why));
    }
}
