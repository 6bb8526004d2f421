//! Where the API is asked.

use std::{fs::File, io::Read as _, path::PathBuf};

use clap::Args;
use reqwest::{
    ClientBuilder, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};

/// Where the API is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct UrlArgs {
    /// Where the API answers
    // Its id is its own: the value of a global flag goes to every argument of that id, up to the top, where the address of
    // the payment provider is one.
    #[arg(
        id = "api-url",
        long = "url",
        global = true,
        value_name = "URL",
        env = "ORDERTRACE_URL",
        default_value = "http://127.0.0.1:8088",
        value_parser = address
    )]
    pub(crate) url: Url,
    /// A file with the token or the API key to show there, where somebody has to log in
    #[arg(
        id = "api-token-file",
        long = "token-file",
        global = true,
        value_name = "FILE",
        env = "ORDERTRACE_TOKEN_FILE"
    )]
    token_file: Option<PathBuf>,
}

/// The longest token that is read.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

impl UrlArgs {
    /// A client that shows the token, if there is one.
    ///
    /// # Errors
    /// The file can't be read, or holds no token.
    pub(crate) fn showing(&self, client: ClientBuilder) -> Result<ClientBuilder, clap::Error> {
        let file = self.token_file.as_deref();
        let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else {
            return Ok(client);
        };
        let wrong =
            |what: String| super::super::wrong(&format!("--token-file {}: {what}", file.display()));
        let opened = File::open(file).map_err(|error| wrong(error.to_string()))?;
        let mut token = String::new();
        let read = opened.take(TOKEN_BYTES_MAX).read_to_string(&mut token);
        read.map_err(|error| wrong(error.to_string()))?;
        let token = token.trim();
        let bearer = HeaderValue::try_from(format!("Bearer {token}"));
        let bearer = bearer.ok().filter(|_| !token.is_empty());
        let mut bearer = bearer.ok_or_else(|| wrong("there is no token in it".to_owned()))?;
        bearer.set_sensitive(true);
        Ok(client.default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)])))
    }
}

/// An address that paths can be put behind.
fn address(text: &str) -> Result<Url, String> {
    let looks = "an address of the API looks like http://127.0.0.1:8088";
    let url = Url::parse(text).map_err(|error| format!("{error}; {looks}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(format!("neither http nor https; {looks}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_is_asked_over_http() {
        for address_of in ["http://127.0.0.1:8088", "https://shop.example/orders/"] {
            assert_eq!(
                address(address_of).map(|it| it.as_str().starts_with(address_of)),
                Ok(true)
            );
        }
        for no_address in [
            "",
            "nonsense",
            "127.0.0.1:8088",
            "localhost:8088",
            "mailto:x",
        ] {
            let told = address(no_address).unwrap_err();
            assert!(told.contains("http://127.0.0.1:8088"), "{told}");
        }
    }
}
