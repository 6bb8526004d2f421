//! Tokens of an issuer: JWTs (RFC 7519) that are signed as one of three algorithms has it.
//!
//! Invariant: which algorithm a signature is checked by is the key's to say; a token's header only has to agree. A key is
//! looked for among the issuer's and nowhere else, whatever a token says about where to find one. Every token ends.
//!
//! What the token's signature and its dates mean is left to `jsonwebtoken`; here is what it does not insist on.

mod claims;
mod header;
mod types;

use std::time::Duration;

use chrono::Utc;
use jsonwebtoken::{Algorithm, Validation};
use ordertrace_domain::Timestamp;

pub(crate) use header::ALGORITHMS;
pub use types::TokenTypes;

use crate::{AuthError, Authenticated, Jwks, Refused, strict::Strict};

/// The longest token, 8 KiB: tokens with many claims have two or three, and servers in between take no longer header.
pub(crate) const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// How far the issuer's clock may be from ours, and a token's dates off by it.
const LEEWAY: Duration = Duration::from_secs(30);

/// The longest that a token may count from when it was issued: a working day and some. It can't be taken back meanwhile.
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Which tokens are for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPolicy {
    /// Who issues them: `iss` has to be exactly this.
    pub issuer: String,
    /// For whom they have to be: one of `aud`.
    pub audience: String,
    /// Of which types they may be.
    pub types: TokenTypes,
}

/// Checks tokens.
#[derive(Debug)]
pub struct Tokens {
    keys: Jwks,
    types: TokenTypes,
    validations: [(Algorithm, Validation); ALGORITHMS.len()],
}

impl Tokens {
    /// Takes tokens that follow the policy and are signed with one of the keys.
    pub fn new(policy: &TokenPolicy, keys: Jwks) -> Self {
        Self {
            keys,
            types: policy.types,
            validations: ALGORITHMS.map(|algorithm| (algorithm, validation(policy, algorithm))),
        }
    }

    /// Whether there are keys to check tokens with; asks for them if there are none yet.
    pub(crate) async fn are_ready(&self) -> bool {
        self.keys.are_there().await
    }

    pub(crate) async fn check(&self, token: &str) -> Result<Authenticated, AuthError> {
        let header = header::read(token, self.types)?;
        let key = self
            .keys
            .find(header.kid.as_deref(), header.algorithm)
            .await?;
        let (_, validation) = self
            .validations
            .iter()
            .find(|(algorithm, _)| *algorithm == key.algorithm)
            .ok_or(Refused::Algorithm)?;
        let Strict(claims) = jsonwebtoken::decode(token, &key.decoding, validation)
            .map_err(Refused::Token)?
            .claims;
        // `jsonwebtoken` reads the machine's clock itself.
        let now = Timestamp::from(Utc::now());
        Ok(claims::read(claims, now, LEEWAY, LIFETIME_MAX)?)
    }
}

fn validation(policy: &TokenPolicy, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY.as_secs();
    validation.validate_nbf = true;
    validation.set_issuer(&[&policy.issuer]);
    validation.set_audience(&[&policy.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}
