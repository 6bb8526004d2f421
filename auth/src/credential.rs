//! What a request brings to say who asks: at most one thing.
//!
//! Invariant: a request with two credentials has none. What stands in front of this server may have looked at the other one.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Refused, apikey, token};

/// The header for an API key, for programs that keep `Authorization` for something else.
const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// A credential, not yet checked. `Debug` does not show it.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A JWT of the issuer.
    Token(SecretString),
    /// An API key of ours.
    ApiKey(SecretString),
}

impl Credential {
    /// Tells by its look which one it is, as for the field of a login form.
    ///
    /// # Errors
    /// It is empty, too long, or has characters that no credential has.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        if text.len() > token::TOKEN_BYTES_MAX {
            return Err(Refused::TooLong);
        }
        // White space, line breaks and what is not ASCII are in no credential.
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refused::NotACredential);
        }
        // A token begins with the Base64 of a brace, which is never this.
        if text.starts_with(apikey::PREFIX) {
            Ok(Self::ApiKey(text.into()))
        } else {
            Ok(Self::Token(text.into()))
        }
    }

    /// The text of it.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Token(text) | Self::ApiKey(text) => text.expose_secret(),
        }
    }

    /// The value of `Authorization` that shows it to another server, which no log is to have.
    pub(crate) fn bearer(&self) -> HeaderValue {
        let value = HeaderValue::try_from(format!("Bearer {}", self.expose()));
        // Only what is fit for a header has been parsed.
        let mut value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    /// The credential in a request's headers, if there is one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Refused> {
        let bearer = headers.get_all(header::AUTHORIZATION).iter().map(bearer);
        let api_key = headers.get_all(API_KEY_HEADER).iter().map(api_key);
        let mut all = bearer.chain(api_key);
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(one), None) => one.map(Some),
            (Some(_), Some(_)) => Err(Refused::Several),
        }
    }
}

/// `Bearer <credential>` (RFC 6750, 2.1).
fn bearer(value: &HeaderValue) -> Result<Credential, Refused> {
    let text = value.to_str().map_err(|_| Refused::NotACredential)?;
    let (scheme, text) = text.split_once(' ').ok_or(Refused::Scheme)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refused::Scheme);
    }
    Credential::parse(text.trim_start_matches(' '))
}

fn api_key(value: &HeaderValue) -> Result<Credential, Refused> {
    let text = value.to_str().map_err(|_| Refused::NotACredential)?;
    match Credential::parse(text)? {
        key @ Credential::ApiKey(_) => Ok(key),
        Credential::Token(_) => Err(Refused::NotACredential),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    #[test]
    fn a_request_may_have_none() {
        assert!(Credential::of(&headers(&[])).unwrap().is_none());
    }

    #[rstest]
    #[case("authorization", "Bearer a.b.c", "a.b.c", false)]
    #[case("authorization", "bearer  a.b.c", "a.b.c", false)]
    #[case("authorization", "Bearer ot_x", "ot_x", true)]
    #[case("x-api-key", "ot_x", "ot_x", true)]
    fn one_is_read_from_either_header(
        #[case] name: &'static str,
        #[case] value: &str,
        #[case] text: &str,
        #[case] is_key: bool,
    ) {
        let read = Credential::of(&headers(&[(name, value)])).unwrap().unwrap();
        assert_eq!(read.expose(), text);
        assert_eq!(matches!(read, Credential::ApiKey(_)), is_key);
        assert!(!format!("{read:?}").contains(text));
    }

    #[rstest]
    #[case::two_headers(&[("authorization", "Bearer a.b.c"), ("authorization", "Bearer a.b.c")])]
    #[case::two_keys(&[("x-api-key", "ot_x"), ("x-api-key", "ot_x")])]
    #[case::both(&[("authorization", "Bearer a.b.c"), ("x-api-key", "ot_x")])]
    #[case::one_is_broken(&[("authorization", "Basic YTpi"), ("x-api-key", "ot_x")])]
    fn two_are_none(#[case] given: &[(&'static str, &str)]) {
        let refused = Credential::of(&headers(given));
        assert!(matches!(refused, Err(Refused::Several)), "{refused:?}");
    }

    #[rstest]
    #[case::basic("authorization", "Basic YTpi")]
    #[case::digest("authorization", "Digest username=a")]
    #[case::no_scheme("authorization", "a.b.c")]
    #[case::empty("authorization", "")]
    #[case::nothing_behind("authorization", "Bearer ")]
    #[case::tab("authorization", "Bearer\ta.b.c")]
    #[case::inner_space("authorization", "Bearer a.b.c d")]
    #[case::list("authorization", "Bearer a.b.c, Bearer d.e.f")]
    #[case::not_ascii("authorization", "Bearer a.b.\u{e9}")]
    #[case::token_as_key("x-api-key", "a.b.c")]
    #[case::bearer_as_key("x-api-key", "Bearer ot_x")]
    #[case::empty_key("x-api-key", "")]
    #[case::long("authorization", &format!("Bearer {}", "a".repeat(8193)))]
    fn anything_else_is_refused(#[case] name: &'static str, #[case] value: &str) {
        assert!(Credential::of(&headers(&[(name, value)])).is_err());
    }
}
