//! Who is let in: the tokens and the keys that count, what a client of the API shows, and keys to be made.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ordertrace_http::Role;

use super::ConfirmArgs;

/// By what somebody shows who they are (docs/auth.md). With none of these nobody has to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Who is let in")]
pub(crate) struct LoginArgs {
    /// Who issues the tokens that count: their `iss`, letter for letter
    #[arg(long, value_name = "ISSUER", env = "ORDERTRACE_AUTH_ISSUER")]
    auth_issuer: Option<String>,
    /// Whom the tokens that count are meant for: one of their `aud`
    #[arg(long, value_name = "AUDIENCE", env = "ORDERTRACE_AUTH_AUDIENCE")]
    auth_audience: Option<String>,
    /// The issuer's public keys, as a JWK Set: a file, or an https address
    #[arg(long, value_name = "FILE|URL", env = "ORDERTRACE_AUTH_JWKS")]
    auth_jwks: Option<String>,
    /// The API keys that count, as `ordertrace ops apikey` makes them
    #[arg(long, value_name = "FILE", env = "ORDERTRACE_API_KEYS_FILE")]
    api_keys_file: Option<String>,
}

/// The settings for tokens, which go together.
pub(crate) struct TokenSettings<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) jwks: &'a str,
}

impl LoginArgs {
    /// The settings for tokens, if there are any; an empty variable sets nothing.
    ///
    /// # Errors
    /// Some of them are there, and some are not.
    pub(crate) fn tokens(&self) -> Result<Option<TokenSettings<'_>>, clap::Error> {
        let [issuer, audience, jwks] =
            [&self.auth_issuer, &self.auth_audience, &self.auth_jwks].map(given);
        match (issuer, audience, jwks) {
            (Some(issuer), Some(audience), Some(jwks)) => Ok(Some(TokenSettings {
                issuer,
                audience,
                jwks,
            })),
            (None, None, None) => Ok(None),
            _ => Err(super::wrong(
                "--auth-issuer, --auth-audience and --auth-jwks go together: a token counts only if all three are known",
            )),
        }
    }

    /// The file of the API keys.
    pub(crate) fn api_keys(&self) -> Option<PathBuf> {
        given(&self.api_keys_file).map(PathBuf::from)
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// Make a key and print it: this once, for only its hash is kept
    Create {
        /// What it is for, such as shop-frontend; it stands in every event that follows from its use, and no other key gets it
        #[arg(value_name = "NAME")]
        name: String,
        /// In which capacity it may be used; may be given several times
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<KeyRole>,
        /// Whose orders are its own; a key for customers has to have one
        #[arg(long, value_name = "ID")]
        customer: Option<String>,
        #[command(flatten)]
        file: KeyFileArgs,
    },
    /// List the keys there are, the revoked ones too
    List {
        #[command(flatten)]
        file: KeyFileArgs,
    },
    /// Have a key count no longer, within a second and without a restart
    Revoke {
        /// Its id, the part between the first two underscores
        id: String,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        file: KeyFileArgs,
    },
}

/// Where the keys are kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyFileArgs {
    /// The file of the keys, which the roles read
    #[arg(
        id = "keys-file",
        long = "api-keys-file",
        value_name = "FILE",
        env = "ORDERTRACE_API_KEYS_FILE"
    )]
    pub(crate) path: PathBuf,
}

/// In which capacity a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyRole {
    /// Orders, and sees and cancels what it has ordered
    Customer,
    /// Says how far a delivery has come
    Courier,
    /// Runs the shop
    Operator,
    /// Reads everything, and changes nothing
    Auditor,
}

impl From<KeyRole> for Role {
    fn from(role: KeyRole) -> Self {
        match role {
            KeyRole::Customer => Self::Customer,
            KeyRole::Courier => Self::Courier,
            KeyRole::Operator => Self::Operator,
            KeyRole::Auditor => Self::Auditor,
        }
    }
}
