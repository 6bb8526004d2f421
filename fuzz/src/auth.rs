//! What somebody shows to say who they are, and what it is checked with.

mod files;
mod site;

use std::sync::LazyLock;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ordertrace_auth::{Credential, SealError, SessionKey, Sessions, Transport};
use ordertrace_domain::Timestamp;
use serde_json::Value;

pub use files::{api_keys, issuer_keys};
use site::{API_KEY, Site};

use crate::{parts, wait};

/// The longest that a token counts, from when it was issued, with what clocks may differ by on both sides.
const COUNTS_MAX: Duration = Duration::from_secs(24 * 60 * 60 + 2 * 30);

static SITE: LazyLock<Site> = LazyLock::new(Site::new);

/// The headers of a request. Nobody gets in without the one API key that there is, said once.
pub fn credential(bytes: &[u8]) -> bool {
    let Some((lines, _)) = parts::of(bytes) else {
        return false;
    };
    let headers = crate::http::headers(&parts::named(&lines));
    let credentials = ["authorization", "x-api-key"].map(|name| headers.get_all(name).iter());
    let credentials: Vec<_> = credentials.into_iter().flatten().cloned().collect();
    let is_somebody = SITE.knows(headers);
    if is_somebody {
        let [only] = credentials.as_slice() else {
            unreachable!("two credentials are one too many: {credentials:?}");
        };
        let shown = only.to_str().expect("a credential is text");
        assert_eq!(shown.rsplit(' ').next(), Some(API_KEY));
    }
    is_somebody
}

/// A token's header, a line feed, its claims; signed by the issuer, so that all of it is looked at. `$NOW` and `$END` stand
/// for now and in an hour. Who gets in is the claims' subject, for no longer than a token counts.
pub fn claims(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (header, claims) = text.split_once('\n').unwrap_or((&text, ""));
    let now = chrono::Utc::now().timestamp();
    let claims = claims.replace("$NOW", &now.to_string());
    let claims = claims.replace("$END", &(now + 3_600).to_string());
    let Ok(credential) = Credential::parse(&site::signed(header, &claims)) else {
        return false;
    };
    let Ok(authenticated) = wait::for_it(SITE.authenticator.check(&credential)) else {
        return false;
    };
    let claims: Value = serde_json::from_str(&claims).expect("claims are JSON");
    let header: Value = serde_json::from_str(header).expect("a header is JSON");
    assert_eq!(header["alg"], "EdDSA");
    assert_eq!(claims["iss"], site::ISSUER);
    assert_eq!(claims["sub"], authenticated.principal.id.as_str());
    let ends = authenticated.expires_at.expect("every token ends");
    assert!(ends <= Timestamp::from(chrono::Utc::now()).after(COUNTS_MAX));
    true
}

/// The clock of [`session`], and the one sealed cookie that counts then.
const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const SEALED: &str = include_str!("../corpus/session/sealed");

static SESSIONS: LazyLock<Sessions> = LazyLock::new(|| {
    let key = SessionKey::parse(&"0123456789abcdef".repeat(4)).expect("a key");
    let before = SessionKey::parse(&"fedcba9876543210".repeat(4)).expect("a key");
    Sessions::new(key, vec![before], Transport::PlainLoopback)
});

/// A `Cookie` header, of which nothing but what we sealed is a session; or a credential, which is sealed and read again.
pub fn session(bytes: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes) {
        is_read_again(text);
    }
    let Ok(cookie) = HeaderValue::from_bytes(bytes) else {
        return false;
    };
    let read = SESSIONS.read(&with_cookie(cookie), NOW);
    if read.is_some() {
        let sealed = SEALED.split_once('=').expect("a cookie").1.trim();
        let text = String::from_utf8_lossy(bytes);
        let mut pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
        assert!(pairs.any(|(_, value)| value == sealed));
    }
    read.is_some()
}

fn is_read_again(text: &str) {
    let Ok(credential) = Credential::parse(text) else {
        return;
    };
    let set = match SESSIONS.begin(&credential, None, NOW) {
        Ok(set) => set,
        Err(error) => return assert_eq!(error, SealError::TooLong),
    };
    let set = set.to_str().expect("Base64").to_owned();
    let pair = set.split(';').next().unwrap_or_default();
    let headers = with_cookie(HeaderValue::from_str(pair).expect("Base64"));
    let session = SESSIONS.read(&headers, NOW).expect("it was just sealed");
    let csrf = URL_SAFE_NO_PAD.decode(session.csrf_token());
    assert_eq!(csrf.map(|bytes| bytes.len()), Ok(32));
    assert!(SESSIONS.read(&headers, session.expires_at()).is_none());
}

fn with_cookie(cookie: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, cookie)])
}
