//! A server that one API key opens, and tokens of one issuer.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ordertrace_auth::{
    ApiKeys, Authenticator, Jwks, TokenPolicy, TokenTypes, Tokens, authenticate,
};
use ordertrace_http::Principal;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::wait;

pub(super) const ISSUER: &str = "https://issuer.example/";
pub(super) const AUDIENCE: &str = "ordertrace";

const API_KEY_SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
pub(super) const API_KEY: &str =
    "ot_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub(super) struct Site {
    pub(super) authenticator: Arc<Authenticator>,
    routes: Router,
    _folder: TempDir,
}

impl Site {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (keys, set) = (folder.path().join("keys"), folder.path().join("jwks"));
        std::fs::write(&keys, api_key_line()).expect("a file");
        std::fs::write(&set, issuer_keys()).expect("a file");
        let authenticator = Authenticator::closed()
            .with_tokens(Tokens::new(&policy(), Jwks::from_file(set)))
            .with_api_keys(ApiKeys::from_file(keys));
        let authenticator = Arc::new(authenticator);
        let layer = from_fn_with_state(Arc::clone(&authenticator), authenticate);
        Self {
            authenticator,
            routes: Router::new().route("/", get(who)).layer(layer),
            _folder: folder,
        }
    }

    /// Whether somebody gets in with these headers.
    pub(super) fn knows(&self, headers: HeaderMap) -> bool {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = headers;
        let answered = wait::for_it(self.routes.clone().oneshot(request));
        let status = answered.expect("a router always answers").status();
        assert!(!status.is_server_error(), "{status}");
        status == StatusCode::OK
    }
}

/// Whoever is nobody gets no further here.
async fn who(principal: Option<Extension<Principal>>) -> StatusCode {
    match principal {
        Some(_) => StatusCode::OK,
        None => StatusCode::UNAUTHORIZED,
    }
}

pub(super) fn policy() -> TokenPolicy {
    TokenPolicy {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        types: TokenTypes::AccessOrPlain,
    }
}

fn api_key_line() -> String {
    let hash: String = Sha256::digest(API_KEY_SECRET)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        r#"{{"id":"0123456789abcdef","name":"ops","roles":["operator"],"customerId":null,"hash":"{hash}","createdAt":"2027-01-15T08:00:00.000000Z","revokedAt":null}}"#
    ) + "\n"
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes are a seed")
}

/// The issuer's public key, as a set has it.
pub(super) fn public_key() -> String {
    URL_SAFE_NO_PAD.encode(pair().public_key())
}

pub(super) fn issuer_keys() -> String {
    let x = public_key();
    format!(r#"{{"keys":[{{"kty":"OKP","kid":"ed","crv":"Ed25519","x":"{x}"}}]}}"#)
}

/// A token of the issuer, whatever it says.
pub(super) fn signed(header: &str, claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", part(header), part(claims));
    let signature = pair().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
