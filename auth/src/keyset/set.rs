//! A set of keys, and which of them a token means.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::key::{Key, Unusable};
use crate::{strict::Strict, watched::Unfit};

/// The most keys of a set. Issuers have two or three; a new one beside those that are still in use.
const KEYS_MAX: usize = 64;

/// Keys of which no two can be mistaken for each other.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: Vec<Arc<Key>>,
    unusable: Vec<Unusable>,
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// No key has that id.
    Unknown,
    /// The token names none, and there are several.
    Unnamed,
    /// The key that it means is for another algorithm.
    OtherAlgorithm,
}

impl KeySet {
    /// Reads a set. Keys that are of no use are left out.
    ///
    /// # Errors
    /// It is no set, has no key that is of use, or two that a token can't tell apart.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Unfit> {
        let mut set = Strict::object(bytes).ok_or(Unfit("it is no JSON object"))?;
        let Some(Value::Array(all)) = set.remove("keys") else {
            return Err(Unfit("it has no list of keys"));
        };
        if all.len() > KEYS_MAX {
            return Err(Unfit("it has too many keys"));
        }
        let mut set = Self {
            keys: Vec::new(),
            unusable: Vec::new(),
        };
        for key in &all {
            match Key::read(key) {
                Ok(key) => set.add(key)?,
                Err(unusable) => set.unusable.push(unusable),
            }
        }
        if set.keys.is_empty() {
            return Err(Unfit("it has no key that is of use"));
        }
        Ok(set)
    }

    fn add(&mut self, key: Key) -> Result<(), Unfit> {
        let is_same = |other: &&Arc<Key>| other.kid == key.kid && other.algorithm == key.algorithm;
        if self.keys.iter().find(is_same).is_some() {
            return Err(Unfit("it has two keys with the same id"));
        }
        self.keys.push(Arc::new(key));
        Ok(())
    }

    /// Says which keys are left out, once for each set that is read.
    pub(super) fn log_unusable(&self) {
        for unusable in &self.unusable {
            if unusable.is_alarming() {
                tracing::warn!(auth.reason = %unusable, "a key of the issuer is not used");
            } else {
                tracing::debug!(auth.reason = %unusable, "a key of the issuer is not used");
            }
        }
    }

    /// The key that a token means which names this id, if any, and this algorithm.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, NoKey> {
        let named: Vec<_> = match (kid, self.keys.as_slice()) {
            (None, [only]) => vec![only],
            (None, _) => return Err(NoKey::Unnamed),
            (Some(kid), all) => all
                .iter()
                .filter(|key| key.kid.as_deref() == Some(kid))
                .collect(),
        };
        if named.is_empty() {
            return Err(NoKey::Unknown);
        }
        let key = named.into_iter().find(|key| key.algorithm == algorithm);
        key.cloned().ok_or(NoKey::OtherAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn rsa(bits: usize) -> Value {
        let mut n = vec![0; 1];
        n.extend(vec![0xFF; bits / 8]);
        json!({"kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB"})
    }

    fn ed() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": URL_SAFE_NO_PAD.encode([7; 32])})
    }

    fn ec() -> Value {
        let half = URL_SAFE_NO_PAD.encode([7; 32]);
        json!({"kty": "EC", "crv": "P-256", "kid": "c", "x": half, "y": half})
    }

    fn and(mut key: Value, field: &str, value: Value) -> Value {
        key[field] = value;
        key
    }

    fn set(keys: &[Value]) -> Result<KeySet, Unfit> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn a_key_is_found_by_its_id_and_for_its_own_algorithm_only() {
        let set = set(&[rsa(2048), ed(), ec()]).unwrap();
        for (kid, algorithm) in [
            ("r", Algorithm::RS256),
            ("e", Algorithm::EdDSA),
            ("c", Algorithm::ES256),
        ] {
            let found = set.find(Some(kid), algorithm).unwrap();
            assert_eq!(found.algorithm, algorithm);
            let other = [Algorithm::RS256, Algorithm::ES256]
                .into_iter()
                .find(|other| *other != algorithm)
                .unwrap();
            assert_eq!(
                set.find(Some(kid), other).unwrap_err(),
                NoKey::OtherAlgorithm
            );
        }
        let unknown = set.find(Some("../r"), Algorithm::RS256);
        assert_eq!(unknown.unwrap_err(), NoKey::Unknown);
        let unnamed = set.find(None, Algorithm::RS256);
        assert_eq!(unnamed.unwrap_err(), NoKey::Unnamed);
    }

    #[test]
    fn the_only_key_need_not_be_named() {
        let set = set(&[ed()]).unwrap();
        set.find(None, Algorithm::EdDSA).unwrap();
        let other = set.find(None, Algorithm::RS256);
        assert_eq!(other.unwrap_err(), NoKey::OtherAlgorithm);
    }

    #[rstest]
    #[case::weak(rsa(2040), Unusable::Size)]
    #[case::huge(rsa(8200), Unusable::Size)]
    #[case::no_number(and(rsa(2048), "n", "".into()), Unusable::Size)]
    #[case::no_base64(and(rsa(2048), "n", "a+b".into()), Unusable::Malformed)]
    #[case::private(and(ed(), "d", "AAAA".into()), Unusable::Private)]
    #[case::for_encryption(and(rsa(2048), "use", "enc".into()), Unusable::Purpose)]
    #[case::for_signing(and(ed(), "key_ops", json!(["sign"])), Unusable::Purpose)]
    #[case::other_algorithm(and(rsa(2048), "alg", "PS256".into()), Unusable::Kind)]
    #[case::unknown_algorithm(and(rsa(2048), "alg", "RS1024".into()), Unusable::Kind)]
    #[case::secret(json!({"kty": "oct", "k": "AAAA"}), Unusable::Kind)]
    #[case::other_curve(and(ec(), "crv", "P-384".into()), Unusable::Kind)]
    #[case::unknown_kind(json!({"kty": "AKP"}), Unusable::Kind)]
    #[case::cut_off(and(ec(), "y", "AAAA".into()), Unusable::Size)]
    #[case::no_key(json!(7), Unusable::Malformed)]
    fn a_key_that_is_of_no_use_is_left_out(#[case] key: Value, #[case] why: Unusable) {
        assert_eq!(
            set(&[and(ed(), "kid", "good".into()), key])
                .unwrap()
                .unusable,
            [why]
        );
    }

    #[rstest]
    #[case::one_says_so(and(rsa(2048), "alg", "RS256".into()))]
    #[case::for_checking(and(ec(), "key_ops", json!(["verify"])))]
    #[case::for_signatures(and(ed(), "use", "sig".into()))]
    fn a_key_may_say_what_it_is_for(#[case] key: Value) {
        assert!(set(&[key]).unwrap().unusable.is_empty());
    }

    #[rstest]
    #[case::nothing("")]
    #[case::no_list(r#"{"keys":{}}"#)]
    #[case::no_keys(r#"{"keys":[]}"#)]
    #[case::said_twice(r#"{"keys":[],"keys":[]}"#)]
    fn what_is_no_set_is_refused(#[case] text: &str) {
        KeySet::parse(text.as_bytes()).unwrap_err();
    }

    #[test]
    fn a_set_whose_keys_can_t_be_told_apart_is_refused() {
        set(&[ed(), ed()]).unwrap_err();
        set(&[ed(), and(ec(), "kid", "e".into())]).unwrap();
        set(&vec![ed(); KEYS_MAX + 1]).unwrap_err();
    }
}
