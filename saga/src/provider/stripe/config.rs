//! Where Stripe is and how to speak to it.
//!
//! Invariant: the secret is in the `Authorization` header and nowhere else; neither `Debug` nor an error shows it, and
//! a live one never leaves in clear. It deliberately reads no environment and no file: whoever starts us does.

use std::{fmt, time::Duration};

use reqwest::{
    Client, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue},
    redirect, retry,
};
use secrecy::{ExposeSecret, SecretString};

/// The version of Stripe's API that this adapter was written against, from <https://docs.stripe.com/changelog>. Without
/// it an account's default would decide what the answers look like.
pub(super) const STRIPE_VERSION: &str = "2025-07-30.basil";

/// Stripe mostly answers in under two seconds, but a bank may take longer over a card.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);

/// A connection that takes longer than a lost packet and its repeat is not going to come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that idled for longer may be closed by the other side just as we send, and leave us without an answer.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// How to reach Stripe.
#[derive(Clone)]
pub struct StripeConfig {
    /// Where the API is, such as `https://api.stripe.com`.
    pub base_url: Url,
    /// The secret key, `sk_…` or `rk_…`.
    pub secret: SecretString,
    /// The most that one request may take, from its connection to the last byte of its answer.
    pub request_timeout: Duration,
}

impl StripeConfig {
    /// A configuration with the usual time-out of 8 s.
    pub fn new(base_url: Url, secret: SecretString) -> Self {
        Self {
            base_url,
            secret,
            request_timeout: REQUEST_TIMEOUT,
        }
    }
}

/// By hand, because the address may hold a user's name and password.
impl fmt::Debug for StripeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeConfig")
            .field("host", &self.base_url.host_str())
            .field("secret", &self.secret)
            .field("request_timeout", &self.request_timeout)
            .finish()
    }
}

/// A configuration that can't work.
#[derive(Debug, thiserror::Error)]
pub enum StripeConfigError {
    /// The base URL is not `http` or `https`, or carries a user, a query or a fragment.
    #[error("the payment provider's address must be a plain http or https URL")]
    BaseUrl,
    /// A live key and an address that is neither encrypted nor this machine.
    #[error("a live secret key may go out over https only")]
    LiveSecretInClear,
    /// The secret is empty or holds a character no header takes, such as a line break.
    #[error("the payment provider's secret is not a key")]
    Secret(#[source] Option<InvalidHeaderValue>),
    /// The TLS library found no root certificates, or would not start.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
}

/// Makes the client that all requests go through.
///
/// It follows no redirect and no proxy of the environment, for both would show the secret to somebody else, and repeats
/// nothing by itself.
pub(super) fn client(config: &StripeConfig) -> Result<Client, StripeConfigError> {
    check_address(config)?;
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, authorization(&config.secret)?),
        (
            const { reqwest::header::HeaderName::from_static("stripe-version") },
            HeaderValue::from_static(STRIPE_VERSION),
        ),
    ]);
    let builder = match config.base_url.scheme() {
        // Nothing is ever encrypted here, so no root certificates need be read.
        "http" => Client::builder().tls_certs_only([]),
        _ => Client::builder(),
    };
    builder
        .user_agent(concat!("ordertrace/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_MAX)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .http1_only()
        .build()
        .map_err(StripeConfigError::Client)
}

fn check_address(config: &StripeConfig) -> Result<(), StripeConfigError> {
    let url = &config.base_url;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain || !matches!(url.scheme(), "http" | "https") {
        return Err(StripeConfigError::BaseUrl);
    }
    let secret = config.secret.expose_secret();
    let is_live = secret.starts_with("sk_live_") || secret.starts_with("rk_live_");
    if is_live && url.scheme() == "http" && !is_this_machine(url) {
        return Err(StripeConfigError::LiveSecretInClear);
    }
    Ok(())
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn authorization(secret: &SecretString) -> Result<HeaderValue, StripeConfigError> {
    let secret = secret.expose_secret();
    if secret.trim().is_empty() {
        return Err(StripeConfigError::Secret(None));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {secret}"))
        .map_err(|error| StripeConfigError::Secret(Some(error)))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn config(base_url: &str, secret: &str) -> StripeConfig {
        StripeConfig::new(base_url.parse().unwrap(), secret.to_owned().into())
    }

    #[rstest]
    #[case("https://api.stripe.com", "sk_live_abc")]
    #[case("http://localstripe:8420", "sk_test_abc")]
    #[case("http://127.0.0.1:8420", "sk_live_abc")]
    #[case("http://[::1]:8420/stripe/", "rk_live_abc")]
    fn a_sound_configuration_is_taken(#[case] base_url: &str, #[case] secret: &str) {
        client(&config(base_url, secret)).unwrap();
    }

    #[rstest]
    #[case("file:///stripe", "sk_test_abc")]
    #[case("https://user:word@api.stripe.com", "sk_test_abc")]
    #[case("https://api.stripe.com/?a=b", "sk_test_abc")]
    fn an_address_that_is_no_plain_url_is_refused(#[case] base_url: &str, #[case] secret: &str) {
        let refused = client(&config(base_url, secret)).unwrap_err();
        assert!(matches!(refused, StripeConfigError::BaseUrl), "{refused:?}");
    }

    #[test]
    fn a_live_secret_never_goes_out_in_clear() {
        let refused = client(&config("http://api.stripe.com", "sk_live_abc")).unwrap_err();
        assert!(
            matches!(refused, StripeConfigError::LiveSecretInClear),
            "{refused:?}"
        );
    }

    #[rstest]
    #[case("")]
    #[case("sk_test_abc\n")]
    fn a_secret_that_fits_no_header_is_refused(#[case] secret: &str) {
        let refused = client(&config("https://api.stripe.com", secret)).unwrap_err();
        assert!(
            matches!(refused, StripeConfigError::Secret(_)),
            "{refused:?}"
        );
    }

    #[test]
    fn nothing_that_is_printed_shows_the_secret() {
        let config = config("https://api.stripe.com", "sk_test_confidential");
        let client = client(&config).unwrap();
        for printed in [format!("{config:?}"), format!("{client:?}")] {
            assert!(!printed.contains("confidential"), "{printed}");
        }
    }
}
