//! The cookie that a browser keeps.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// How browsers reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over TLS, of this server or of what stands before it.
    Https,
    /// In the clear, on this machine only.
    PlainLoopback,
}

/// A request has several of our cookies: another site under the same domain may have planted one.
pub(super) struct Several;

impl Transport {
    /// `__Host-` keeps other names under the same domain from setting it (RFC 6265bis, 4.1.3.2); browsers take it over TLS
    /// only.
    const fn name(self) -> &'static str {
        match self {
            Self::Https => "__Host-ordertrace",
            Self::PlainLoopback => "ordertrace",
        }
    }

    /// A `Set-Cookie`. `SameSite=Lax`, because links to an order are passed around, and with `Strict` whoever follows one is
    /// asked to log in once more. Neither lets another site's form send the cookie along; and every form has to bring its
    /// token besides.
    pub(super) fn cookie(self, value: &str, max_age: Duration) -> HeaderValue {
        let secure = match self {
            Self::Https => "; Secure",
            Self::PlainLoopback => "",
        };
        let cookie = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name(),
            max_age.as_secs()
        );
        // Base64 and what stands above: all of it is fit for a header.
        let mut cookie =
            HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
        cookie.set_sensitive(true);
        cookie
    }

    /// The value of our cookie.
    pub(super) fn read(self, headers: &HeaderMap) -> Result<Option<&str>, Several> {
        let all = headers.get_all(header::COOKIE).iter();
        let pairs = all.flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'));
        // Whatever others under the same domain have put beside it, in whichever letters, is theirs.
        let mut ours = pairs.filter_map(|pair| {
            let (name, value) = str::from_utf8(pair).ok()?.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        });
        match (ours.next(), ours.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Ok(Some(value)),
            (Some(_), Some(_)) => Err(Several),
        }
    }
}
