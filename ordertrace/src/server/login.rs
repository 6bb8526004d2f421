//! Who is let in, by the settings of a role.
//!
//! Invariant: a role that can be reached from other machines lets nobody in who has not shown who they are, unless whoever
//! starts it takes that risk by name.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::bail;
use ordertrace_auth::{ApiKeys, Authenticator, Jwks, Sessions, TokenPolicy, TokenTypes, Tokens};
use reqwest::Url;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use super::Check;
use crate::{
    cli::{ExposureArgs, LoginArgs, TokenSettings, wrong},
    roles::{Parts, keys::refuse_if_others_write},
};

/// How often it is looked whether credentials can be checked.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Who is let in.
#[derive(Clone)]
pub(crate) struct Login {
    authenticator: Arc<Authenticator>,
    is_ready: Arc<AtomicBool>,
}

/// Who is let in at this address.
pub(crate) fn login_for(listen: SocketAddr, exposure: &ExposureArgs) -> anyhow::Result<Login> {
    authenticator(listen, exposure).map(Login::of)
}

/// The same for a role with pages, where somebody who has logged in stays so. Where nobody has to there are no sessions.
pub(crate) fn login_with_sessions(
    listen: SocketAddr,
    exposure: &ExposureArgs,
    sessions: impl FnOnce() -> anyhow::Result<Sessions>,
) -> anyhow::Result<Login> {
    let authenticator = authenticator(listen, exposure)?;
    if authenticator.is_open() {
        return Ok(Login::of(authenticator));
    }
    Ok(Login::of(authenticator.with_sessions(sessions()?)))
}

fn authenticator(listen: SocketAddr, exposure: &ExposureArgs) -> anyhow::Result<Authenticator> {
    Ok(match by_settings(&exposure.login)? {
        Some(_) if exposure.insecure_no_auth => {
            return Err(wrong(
                "--insecure-no-auth lets everybody in, and other settings say who is let in: which is it?",
            )
            .into());
        }
        Some(closed) => closed,
        None => {
            check_exposure(listen, exposure.insecure_no_auth)?;
            tracing::warn!(
                "nobody has to log in: whoever can reach this address may do everything"
            );
            Authenticator::open()
        }
    })
}

/// What checks credentials, if there is anything to check them with.
fn by_settings(login: &LoginArgs) -> anyhow::Result<Option<Authenticator>> {
    let (tokens, keys) = (login.tokens()?, login.api_keys());
    if tokens.is_none() && keys.is_none() {
        return Ok(None);
    }
    let mut closed = Authenticator::closed();
    if let Some(tokens) = tokens {
        closed = closed.with_tokens(tokens_of(&tokens)?);
    }
    if let Some(file) = keys {
        refuse_if_others_write(&file)?;
        closed = closed.with_api_keys(ApiKeys::from_file(file));
    }
    Ok(Some(closed))
}

fn tokens_of(settings: &TokenSettings<'_>) -> anyhow::Result<Tokens> {
    let jwks = match Url::parse(settings.jwks) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Jwks::from_url(url).map_err(|error| wrong(&format!("--auth-jwks: {error}")))?
        }
        Ok(_) | Err(_) => Jwks::from_file(settings.jwks),
    };
    let policy = TokenPolicy {
        issuer: settings.issuer.to_owned(),
        audience: settings.audience.to_owned(),
        types: TokenTypes::AccessOrPlain,
    };
    Ok(Tokens::new(&policy, jwks))
}

impl Login {
    /// Everybody, for what only this machine can reach.
    pub(crate) fn open() -> Self {
        Self::of(Authenticator::open())
    }

    fn of(authenticator: Authenticator) -> Self {
        let is_ready = Arc::new(AtomicBool::new(authenticator.is_open()));
        Self {
            authenticator: Arc::new(authenticator),
            is_ready,
        }
    }

    /// Whether nobody has to log in.
    pub(crate) fn is_open(&self) -> bool {
        self.authenticator.is_open()
    }

    /// What checks credentials.
    pub(crate) fn authenticator(&self) -> Arc<Authenticator> {
        Arc::clone(&self.authenticator)
    }

    /// Whether credentials can be checked now. Who can't be checked can't be served, so it counts for readiness.
    pub(crate) fn check(&self) -> (&'static str, Check) {
        let is_ready = Arc::clone(&self.is_ready);
        let check = move || {
            let is_ready = is_ready.load(Ordering::Relaxed);
            is_ready
                .then_some(())
                .ok_or_else(|| "there are no keys to check a log-in with".to_owned())
        };
        ("log-in", Arc::new(check))
    }

    /// Starts to look whether they can be.
    pub(crate) fn start(&self, parts: &mut Parts, ending: CancellationToken) {
        let this = self.clone();
        parts.start("the log-in", async move {
            let mut due = interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    () = ending.cancelled() => return anyhow::Ok(()),
                    _ = due.tick() => {
                        let is_ready = this.authenticator.is_open() || this.authenticator.is_ready().await;
                        this.is_ready.store(is_ready, Ordering::Relaxed);
                    }
                }
            }
        });
    }
}

/// Refuses an address beyond this machine, unless whoever starts it takes the risk.
fn check_exposure(addr: SocketAddr, is_insecure_allowed: bool) -> anyhow::Result<()> {
    if addr.ip().is_loopback() || is_insecure_allowed {
        return Ok(());
    }
    bail!(
        "{addr} can be reached from other machines, and nobody would have to log in: say who is let in (--auth-issuer, \
         --auth-audience and --auth-jwks, or --api-keys-file), listen on 127.0.0.1, or give --insecure-no-auth if \
         something else keeps strangers away"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_open_without_being_told_so() {
        let check = |addr: &str, allowed| check_exposure(addr.parse().unwrap(), allowed).is_ok();
        assert!(check("127.0.0.1:80", false));
        assert!(check("[::1]:80", false));
        assert!(!check("0.0.0.0:80", false));
        assert!(!check("192.0.2.1:80", false));
        assert!(check("0.0.0.0:80", true));
    }
}
