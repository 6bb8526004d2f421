//! The page: where its API is, under which name browsers know it, and what its sessions are sealed with.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use reqwest::Url;

use super::{ExposureArgs, LogArgs, ServerArgs, quiet::Quiet};

/// Settings of `page`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDR",
        env = "ORDERTRACE_LISTEN",
        default_value = "127.0.0.1:8085"
    )]
    pub(crate) listen: SocketAddr,
    /// Under which address browsers reach the page: https, or http on this machine [default: where it listens]
    #[arg(long, value_name = "URL", env = "ORDERTRACE_PUBLIC_URL")]
    public_url: Option<String>,
    /// The key that sessions are sealed with, as `openssl rand -hex 32` prints it; further lines have keys of before, whose
    /// sessions still count. Without one sessions end with the process, and no other instance knows them
    #[arg(long, value_name = "FILE", env = "ORDERTRACE_SESSION_KEY_FILE")]
    session_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) upstreams: UpstreamArgs,
    #[command(flatten)]
    pub(crate) exposure: ExposureArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) logs: LogArgs,
}

/// Where each part of the API is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where the API is")]
pub(crate) struct UpstreamArgs {
    /// Where `command-api` answers
    #[arg(long, value_name = "URL", env = "ORDERTRACE_COMMAND_API_URL", default_value = "http://127.0.0.1:8081", value_parser = Quiet(root))]
    pub(crate) command_api_url: Url,
    /// Where `saga` answers
    #[arg(long, value_name = "URL", env = "ORDERTRACE_SAGA_URL", default_value = "http://127.0.0.1:8082", value_parser = Quiet(root))]
    pub(crate) saga_url: Url,
    /// Where `projections` answers
    #[arg(long, value_name = "URL", env = "ORDERTRACE_PROJECTIONS_URL", default_value = "http://127.0.0.1:8083", value_parser = Quiet(root))]
    pub(crate) projections_url: Url,
    /// Where `audit serve` answers
    #[arg(long, value_name = "URL", env = "ORDERTRACE_AUDIT_URL", default_value = "http://127.0.0.1:8084", value_parser = Quiet(root))]
    pub(crate) audit_url: Url,
}

impl PageArgs {
    /// Under which address browsers reach the page; a variable that is set to nothing sets nothing.
    ///
    /// # Errors
    /// It is none under which a session could be kept.
    pub(crate) fn public_url(&self) -> Result<Option<Url>, clap::Error> {
        let text = self.public_url.as_deref().map(str::trim);
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let url = public(text).map_err(|why| super::wrong(&format!("--public-url: {why}")))?;
        Ok(Some(url))
    }

    /// Where the keys of sessions are.
    pub(crate) fn session_key_file(&self) -> Option<&Path> {
        let file = self.session_key_file.as_deref();
        file.filter(|file| !file.as_os_str().is_empty())
    }
}

/// Whether the host of an address is this machine.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let address = host.trim_matches(['[', ']']);
            let address = address.parse::<std::net::IpAddr>();
            address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// An address under which a browser keeps a session. In the clear its cookie could be read on the way.
fn public(text: &str) -> Result<Url, String> {
    let url = root(text)?;
    if url.scheme() == "https" || is_this_machine(&url) {
        return Ok(url);
    }
    Err(format!(
        "{url} is neither https nor on this machine: whoever is on the way could read what somebody logs in with"
    ))
}

/// An address of a server as a whole.
fn root(text: &str) -> Result<Url, String> {
    let looks = "an address looks like http://127.0.0.1:8081";
    let url = Url::parse(text).map_err(|error| format!("{error}; {looks}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("neither http nor https; {looks}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // It is not shown: it would be in the log.
        return Err(format!(
            "a name or a password in an address is kept from nobody; {looks}"
        ));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "the address of a server has nothing behind it; {looks}"
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://127.0.0.1:8081", true)]
    #[case("https://command-api.shop.svc:8443/", true)]
    #[case("http://[::1]:8081", true)]
    #[case("http://command-api:8081/orders", false)]
    #[case("http://command-api:8081?a=b", false)]
    #[case("http://command-api:8081#a", false)]
    #[case("http://user@command-api:8081", false)]
    #[case("http://:secret@command-api:8081", false)]
    #[case("ftp://command-api", false)]
    #[case("command-api:8081", false)]
    #[case("", false)]
    fn an_upstream_is_a_server_as_a_whole(#[case] text: &str, #[case] is_one: bool) {
        let read = root(text);
        assert_eq!(read.is_ok(), is_one, "{read:?}");
        assert!(!format!("{read:?}").contains("secret"), "{read:?}");
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_shown() {
        let command = UpstreamArgs::augment_args(clap::Command::new("page"));
        let given = ["page", "--saga-url", "http://:sup3r@saga"];
        let told = command.try_get_matches_from(given).unwrap_err().to_string();
        assert!(
            told.contains("--saga-url") && told.contains("password"),
            "{told}"
        );
        assert!(!told.contains("sup3r"), "{told}");
    }

    #[rstest]
    #[case("https://shop.example", true)]
    #[case("http://localhost:8085", true)]
    #[case("http://127.0.0.1:8085", true)]
    #[case("http://[::1]:8085", true)]
    #[case("http://shop.example", false)]
    #[case("http://localhost.shop.example", false)]
    #[case("http://192.0.2.1", false)]
    fn a_session_is_kept_over_tls_or_on_this_machine(#[case] text: &str, #[case] is_kept: bool) {
        assert_eq!(public(text).is_ok(), is_kept);
    }
}
