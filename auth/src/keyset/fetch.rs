//! Asking the issuer for its keys.
//!
//! Invariant: whoever can answer here can make tokens, so it is asked over TLS, or on this machine; at that address, and at
//! no other that an answer or the environment might name. What it answers is read within bounds.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, StatusCode, Url, header::ACCEPT, redirect, retry};

use super::{SET_BYTES_MAX, set::KeySet};
use crate::watched::Unfit;

/// The most that one request may take, from its connection to the last byte of its answer: requests wait for it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that takes longer than a lost packet and its repeat is not going to come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// An address that keys can't be fetched from.
#[derive(Debug, thiserror::Error)]
pub enum JwksUrlError {
    /// It is neither `https` nor `http` on this machine, or has a user or a fragment.
    #[error("the address of the issuer's keys must be a plain https URL, or http on this machine")]
    Address,
    /// The TLS library found no root certificates, or would not start.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
}

/// Why no keys came.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the issuer can't be asked")]
    Request(#[from] reqwest::Error),
    #[error("the issuer answers {0}")]
    Status(StatusCode),
    #[error("what the issuer answers is no set of keys")]
    Set(#[from] Unfit),
}

/// Fetches a set of keys.
#[derive(Debug)]
pub(super) struct Fetcher {
    client: Client,
    url: Url,
}

impl Fetcher {
    pub(super) fn new(url: Url) -> Result<Self, JwksUrlError> {
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let builder = match url.scheme() {
            "https" if is_plain => Client::builder(),
            // Nothing is ever encrypted here, so no root certificates need be read.
            "http" if is_plain && is_this_machine(&url) => Client::builder().tls_certs_only([]),
            _ => return Err(JwksUrlError::Address),
        };
        let client = builder
            .user_agent(concat!("ordertrace/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .build()
            .map_err(JwksUrlError::Client)?;
        Ok(Self { client, url })
    }

    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let request = self.client.get(self.url.clone());
        let request = request.header(ACCEPT, "application/jwk-set+json, application/json");
        let mut response = request.send().await.map_err(reqwest::Error::without_url)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > SET_BYTES_MAX {
                return Err(Unfit("it is too large").into());
            }
        }
        Ok(KeySet::parse(&body)?)
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://issuer.example/.well-known/jwks.json")]
    #[case("https://issuer.example/keys?p=policy")]
    #[case("http://127.0.0.1:8080/jwks")]
    #[case("http://[::1]/jwks")]
    #[case("http://localhost/jwks")]
    fn a_safe_address_is_taken(#[case] url: &str) {
        Fetcher::new(url.parse().unwrap()).unwrap();
    }

    #[rstest]
    #[case("http://issuer.example/jwks")]
    #[case("http://localhost.evil.example/jwks")]
    #[case("https://user:word@issuer.example/jwks")]
    #[case("https://issuer.example/jwks#keys")]
    #[case("file:///jwks.json")]
    fn any_other_is_refused(#[case] url: &str) {
        let refused = Fetcher::new(url.parse().unwrap()).unwrap_err();
        assert!(matches!(refused, JwksUrlError::Address), "{refused:?}");
    }
}
