//! One key of a set.
//!
//! Invariant: a key is good for one algorithm, which follows from its kind. One that is too weak, meant for something else,
//! or no longer secret is never used.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde_json::Value;

/// The bits of an RSA key: fewer are within reach of being factored (NIST SP 800-131A), more only keep us busy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The bytes of a coordinate of P-256, and of a public key of Ed25519.
const COORDINATE_BYTES: usize = 32;

/// A key that signatures can be checked with.
#[derive(Debug)]
pub(crate) struct Key {
    pub(super) kid: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) decoding: DecodingKey,
}

/// Why a key of a set is not used. The others of the set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is no key")]
    Malformed,
    #[error("its private half is there too, so that anybody can sign with it")]
    Private,
    #[error("it is meant for something else than checking signatures")]
    Purpose,
    #[error("it is of a kind or for an algorithm that is not taken")]
    Kind,
    #[error("it is too short, too long, or cut off")]
    Size,
}

impl Unusable {
    /// Whether somebody has to do something about it.
    pub(super) const fn is_alarming(self) -> bool {
        match self {
            Self::Private | Self::Size | Self::Malformed => true,
            Self::Purpose | Self::Kind => false,
        }
    }
}

impl Key {
    pub(super) fn read(value: &Value) -> Result<Self, Unusable> {
        let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| Unusable::Malformed)?;
        if value.get("d").is_some() {
            return Err(Unusable::Private);
        }
        if !is_for_signatures(&jwk) {
            return Err(Unusable::Purpose);
        }
        let algorithm = algorithm(&jwk.algorithm)?;
        let declared = jwk.common.key_algorithm;
        if declared.is_some_and(|declared| declared != algorithm.into()) {
            return Err(Unusable::Kind);
        }
        Ok(Self {
            decoding: DecodingKey::from_jwk(&jwk).map_err(|_| Unusable::Malformed)?,
            kid: jwk.common.key_id,
            algorithm,
        })
    }
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let purpose = jwk.common.public_key_use.as_ref();
    let operations = jwk.common.key_operations.as_ref();
    purpose.is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
        && operations.is_none_or(|all| all.contains(&KeyOperations::Verify))
}

/// The algorithm that such a key is for.
fn algorithm(key: &AlgorithmParameters) -> Result<Algorithm, Unusable> {
    match key {
        AlgorithmParameters::RSA(rsa) => {
            let is_fit = RSA_BITS.contains(&bits(&rsa.n)?);
            is_fit.then_some(Algorithm::RS256).ok_or(Unusable::Size)
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            coordinate(&ec.x)?;
            coordinate(&ec.y)?;
            Ok(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            coordinate(&okp.x)?;
            Ok(Algorithm::EdDSA)
        }
        _ => Err(Unusable::Kind),
    }
}

fn bits(number: &str) -> Result<usize, Unusable> {
    let bytes = decoded(number)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros).ok_or(Unusable::Size)?;
    Ok((bytes.len() - zeros) * 8 - first.leading_zeros() as usize)
}

fn coordinate(number: &str) -> Result<(), Unusable> {
    let is_whole = decoded(number)?.len() == COORDINATE_BYTES;
    is_whole.then_some(()).ok_or(Unusable::Size)
}

fn decoded(text: &str) -> Result<Vec<u8>, Unusable> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Unusable::Malformed)
}
