//! The header of a token: read before anything is known about who wrote it.
//!
//! Invariant: nothing in it leads anywhere. It names a key of the issuer's and an algorithm, and both are looked up.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::{TOKEN_BYTES_MAX, TokenTypes};
use crate::{Refused, strict::Strict};

/// The algorithms that tokens may be signed by: each by a key whose public half is no secret.
pub(crate) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What brings a key of its own, or says where to get one, or what has to be understood.
const NEVER: [&str; 5] = ["jku", "jwk", "x5u", "x5c", "crit"];

/// The longest `kid`. Issuers use hashes and UUIDs.
const KID_CHARS_MAX: usize = 256;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// Reads the header of a token.
pub(super) fn read(token: &str, types: TokenTypes) -> Result<Header, Refused> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refused::TooLong);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, _, _] = parts.as_slice() else {
        return Err(Refused::Malformed);
    };
    let header = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|_| Refused::Malformed)?;
    let header = Strict::object(&header).ok_or(Refused::Malformed)?;
    if let Some(field) = NEVER.into_iter().find(|field| header.contains_key(*field)) {
        return Err(Refused::HeaderField(field));
    }
    let typ = header.get("typ").and_then(Value::as_str);
    if !typ.is_some_and(|typ| types.has(typ)) {
        return Err(Refused::Type);
    }
    Ok(Header {
        algorithm: algorithm(&header)?,
        kid: kid(&header)?,
    })
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, Refused> {
    let name = header.get("alg").and_then(Value::as_str);
    let algorithm = name.and_then(|name| name.parse().ok());
    algorithm
        .filter(|algorithm| ALGORITHMS.contains(algorithm))
        .ok_or(Refused::Algorithm)
}

fn kid(header: &Map<String, Value>) -> Result<Option<String>, Refused> {
    let Some(kid) = header.get("kid") else {
        return Ok(None);
    };
    let kid = kid.as_str().ok_or(Refused::KeyIdForm)?;
    let is_fit = !kid.is_empty()
        && kid.len() <= KID_CHARS_MAX
        && kid.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_fit {
        Ok(Some(kid.to_owned()))
    } else {
        Err(Refused::KeyIdForm)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read_header(header: &str) -> Result<Header, Refused> {
        let token = format!("{}.e30.", URL_SAFE_NO_PAD.encode(header));
        read(&token, TokenTypes::AccessOrPlain)
    }

    #[test]
    fn a_header_names_an_algorithm_and_a_key() {
        let kid = format!("a key/{}", "k".repeat(KID_CHARS_MAX - 6));
        let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{kid}","x5t":"a","x":[]}}"#);
        let read = read_header(&header).unwrap();
        assert_eq!(read.algorithm, Algorithm::ES256);
        assert_eq!(read.kid, Some(kid));
        let unnamed = read_header(r#"{"alg":"RS256","typ":"at+jwt"}"#).unwrap();
        assert_eq!(unnamed.kid, None);
    }

    /// Through the layer they can't be told apart, so that one check might stand in for another that is gone.
    #[rstest]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","jwk":{}}"#, "HeaderField(\"jwk\")")]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","crit":[]}"#, "HeaderField(\"crit\")")]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","typ":"JWT"}"#, "Malformed")]
    #[case("{}{}", "Malformed")]
    #[case(r#"{"alg":"EdDSA"}"#, "Type")]
    #[case(r#"{"alg":"EdDSA","typ":"id"}"#, "Type")]
    #[case(r#"{"typ":"JWT"}"#, "Algorithm")]
    #[case(r#"{"alg":"none","typ":"JWT"}"#, "Algorithm")]
    #[case(r#"{"alg":"HS256","typ":"JWT"}"#, "Algorithm")]
    #[case(r#"{"alg":"PS256","typ":"JWT"}"#, "Algorithm")]
    #[case(r#"{"alg":"eddsa","typ":"JWT"}"#, "Algorithm")]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","kid":7}"#, "KeyIdForm")]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","kid":""}"#, "KeyIdForm")]
    #[case(r#"{"alg":"EdDSA","typ":"JWT","kid":"\u0000"}"#, "KeyIdForm")]
    #[case(&format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{}"}}"#, "k".repeat(KID_CHARS_MAX + 1)), "KeyIdForm")]
    #[case(&format!(r#"{{"x":"{}"}}"#, "x".repeat(TOKEN_BYTES_MAX)), "TooLong")]
    fn each_check_refuses_what_it_is_there_for(#[case] header: &str, #[case] why: &str) {
        assert_eq!(format!("{:?}", read_header(header).unwrap_err()), why);
    }
}
