//! `ordertrace page`: the page for people, over an API that other roles serve.
//!
//! Invariant: it is a client like any other. What somebody logs in with is shown to the roles, which judge it by themselves; so
//! whoever has taken this process can do what those could who are logged in, and no more. It has no connection to the log, and
//! is ready while it can check who logs in: where a role is away, its pages say so.

mod body;
mod proxy;
mod upstream;

use std::{fs, path::Path};

use anyhow::Context as _;
use ordertrace_auth::{SessionKey, Sessions, Transport};
use reqwest::Url;

use super::{Parts, announce, keys::warn_if_shared};
use crate::{
    cli::{PageArgs, is_this_machine, wrong},
    metrics::Metrics,
    server::{Health, Hosts, Listener, hosts_for, index, login_with_sessions},
    shutdown, telemetry,
};

/// How many keys of before are of any use: sessions last for half a day.
const PREVIOUS_KEYS_MAX: usize = 8;

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: PageArgs) -> anyhow::Result<()> {
    telemetry::init(&args.logs, "page")?;
    let public_url = args.public_url()?;
    let sessions = || sessions(&args, public_url.as_ref());
    let login = login_with_sessions(args.listen, &args.exposure, sessions)?;
    check_public(&args, public_url.as_ref(), login.is_open())?;
    let listener = Listener::bind(args.listen)?.with_pages();
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let wedged_after = args.server.wedged_after;
    let health = Health::new(vec![login.check()], wedged_after, stop.leaving.clone());
    let (own, _) = metrics.api(&health).merge(health.api()).split();
    let api = index().merge(proxy::routes(&args.upstreams, stop.closing.clone())?);
    let pages = ordertrace_web::router_alone(api, login.authenticator());
    let hosts = match &public_url {
        Some(url) => Hosts::of_pages(url, &args.exposure.hosts.allowed),
        None => hosts_for(listener.addr(), &args.exposure.hosts),
    };
    announce("page", listener.addr());
    let mut parts = Parts::new(stop.clone());
    login.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(own.merge(pages), hosts, login, args.server, stop));
    parts.run().await
}

/// Refuses an address that others know where nobody would have to log in: whoever stands there hands strangers on.
fn check_public(args: &PageArgs, public_url: Option<&Url>, is_open: bool) -> anyhow::Result<()> {
    let is_known_to_others = public_url.is_some_and(|url| !is_this_machine(url));
    if is_open && is_known_to_others && !args.exposure.insecure_no_auth {
        return Err(wrong(
            "--public-url is known beyond this machine, and nobody would have to log in: say who is let in \
             (--auth-issuer, --auth-audience and --auth-jwks, or --api-keys-file), or give --insecure-no-auth if something \
             else keeps strangers away",
        )
        .into());
    }
    Ok(())
}

/// The sessions of whoever logs in.
fn sessions(args: &PageArgs, public_url: Option<&Url>) -> anyhow::Result<Sessions> {
    let transport = match public_url {
        Some(url) if is_this_machine(url) && url.scheme() == "http" => Transport::PlainLoopback,
        Some(_) => Transport::Https,
        None if args.listen.ip().is_loopback() => Transport::PlainLoopback,
        None => {
            return Err(wrong(
                "--public-url: under which address do browsers reach the page? A session is kept for that one alone",
            )
            .into());
        }
    };
    let Some(file) = args.session_key_file() else {
        tracing::warn!(
            "no --session-key-file: sessions end with this process, and no other instance knows them"
        );
        return Ok(Sessions::new(SessionKey::random()?, Vec::new(), transport));
    };
    let shown = || format!("--session-key-file {}", file.display());
    let (key, previous) = keys(file).with_context(shown)?;
    Ok(Sessions::new(key, previous, transport))
}

/// The key of the first line, and those of before.
fn keys(file: &Path) -> anyhow::Result<(SessionKey, Vec<SessionKey>)> {
    warn_if_shared(file);
    let text = fs::read_to_string(file)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys = lines.enumerate().map(|(index, line)| {
        // The line itself is a secret.
        SessionKey::parse(line).with_context(|| format!("key {}", index + 1))
    });
    let mut keys = keys.collect::<anyhow::Result<Vec<_>>>()?.into_iter();
    let key = keys.next().context("there is no key in it")?;
    anyhow::ensure!(
        keys.len() <= PREVIOUS_KEYS_MAX,
        "there are more than {PREVIOUS_KEYS_MAX} keys of before in it"
    );
    Ok((key, keys.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<usize> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, text).unwrap();
        keys(&file).map(|(_, previous)| previous.len())
    }

    #[test]
    fn the_first_line_is_the_key_and_the_others_were() {
        let [one, other] = ["0f1e".repeat(16), "2d3c".repeat(16)];
        assert_eq!(read(&format!("{one}\n")).unwrap(), 0);
        assert_eq!(read(&format!("{one}\r\n\n {other} \n")).unwrap(), 1);
        let many = format!("{one}\n").repeat(1 + PREVIOUS_KEYS_MAX);
        assert_eq!(read(&many).unwrap(), PREVIOUS_KEYS_MAX);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        let key = "0f1e".repeat(16);
        let short = format!("{key}\n{}\n", &key[2..]);
        let many = format!("{key}\n").repeat(2 + PREVIOUS_KEYS_MAX);
        for (text, told) in [("\n", "no key"), (&short, "key 2"), (&many, "more than")] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(told) && !error.contains("0f1e"), "{error}");
        }
    }
}
