//! The payment provider that the saga talks to: which, with what secret, and what guards the orders against its moods.

use std::{env, fs, sync::Arc};

use anyhow::{Context as _, bail, ensure};
use axum::{Json, http::StatusCode};
use ordertrace_http::{
    Access,
    openapi::{Answer, ApiRouter, Described},
};
use ordertrace_saga::provider::{GuardConfig, GuardStatus, Guarded, StripeConfig, StripeProvider};
use reqwest::Url;
use secrecy::SecretString;
use utoipa::openapi::HttpMethod::Get;

use crate::cli::ProviderArgs;

/// Holds the provider's secret key, unless a file does.
const SECRET_VARIABLE: &str = "ORDERTRACE_PAYMENT_PROVIDER_SECRET";

/// The simulator takes any.
const SIMULATORS_SECRET: &str = "sk_simulated";

/// The provider that is configured.
pub(super) fn configured(args: &ProviderArgs, url: &str) -> anyhow::Result<Arc<Guarded>> {
    // What was given is not repeated: it may hold a password.
    let base_url = Url::parse(url)
        .context("--payment-provider-url is no URL such as https://api.stripe.com")?;
    let host = base_url.host_str().unwrap_or_default();
    ensure!(
        base_url.scheme() == "https" || is_this_machine(&base_url),
        "--payment-provider-url ({host}) is neither https nor on this machine: anybody on the way could read the secret key"
    );
    guarded(args, base_url, secret(args)?)
}

/// The simulator at this address.
pub(super) fn simulated(args: &ProviderArgs, url: &str) -> anyhow::Result<Arc<Guarded>> {
    guarded(args, Url::parse(url)?, SIMULATORS_SECRET.into())
}

fn guarded(
    args: &ProviderArgs,
    base_url: Url,
    secret: SecretString,
) -> anyhow::Result<Arc<Guarded>> {
    let mut config = StripeConfig::new(base_url, secret);
    config.request_timeout = args.timeout;
    let provider = StripeProvider::new(config).context("the payment provider can't be used")?;
    let guarded = Guarded::new(Arc::new(provider), &GuardConfig::default())?;
    Ok(Arc::new(guarded))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            ip.is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}

/// From the variable or from the file; one of them.
fn secret(args: &ProviderArgs) -> anyhow::Result<SecretString> {
    let variable = env::var(SECRET_VARIABLE)
        .ok()
        .filter(|secret| !secret.is_empty());
    let secret = match (variable, &args.secret_file) {
        (Some(secret), None) => secret,
        (None, Some(path)) => fs::read_to_string(path)
            .with_context(|| format!("could not read the secret key in {}", path.display()))?
            .trim()
            .to_owned(),
        (None, None) => bail!(
            "the payment provider wants a secret key: {SECRET_VARIABLE}, or --payment-provider-secret-file"
        ),
        (Some(_), Some(_)) => bail!(
            "{SECRET_VARIABLE} and --payment-provider-secret-file both name a secret key: which is it?"
        ),
    };
    ensure!(
        !secret.is_empty(),
        "the payment provider's secret key is empty"
    );
    Ok(secret.into())
}

/// `/ops/provider`: how the provider is doing.
pub(super) fn api(provider: &Arc<Guarded>) -> ApiRouter {
    let provider = Arc::clone(provider);
    let status = move || async move { Json(provider.status()) };
    ApiRouter::new().route(Get, "/ops/provider", status, described())
}

fn described() -> Described {
    let access = Access::OPERATIONS;
    let summary = "How the payment provider is doing for the process that answers";
    Described::new("getProvider", "operators", access, summary).answers(|schemas| {
        let provider = schemas.of::<GuardStatus>();
        Answer::json(StatusCode::OK, provider, "What the guard around it says.")
    })
}
