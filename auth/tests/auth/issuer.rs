//! An issuer with a key of each kind, which signs whatever it is given. It does not use the library that checks.

use std::sync::LazyLock;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://issuer.example/";
pub(crate) const AUDIENCE: &str = "ordertrace";

/// The algorithms that are taken, each with the id of the key for it.
pub(crate) const KEYS: [(&str, &str); 3] = [("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")];

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

static OURS: LazyLock<Keys> = LazyLock::new(Keys::make);
static STRANGE: LazyLock<Keys> = LazyLock::new(Keys::make);

impl Keys {
    fn make() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |encoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa
                .sign(encoding, &random, message, &mut signature)
                .unwrap();
            signature
        };
        match algorithm {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "ES256" => self.ec.sign(&random, message).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
            _ => Vec::new(),
        }
    }
}

/// What the issuer publishes.
pub(crate) fn jwks() -> String {
    let rsa = RsaPublicKeyComponents::<Vec<u8>>::from(OURS.rsa.public_key());
    let point = &OURS.ec.public_key().as_ref()[1..];
    json!({"keys": [
        {"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": base64(&rsa.n), "e": base64(&rsa.e)},
        {"kty": "EC", "kid": "ec", "crv": "P-256", "x": base64(&point[..32]), "y": base64(&point[32..])},
        {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": base64(OURS.ed.public_key().as_ref())},
    ]})
    .to_string()
}

/// What somebody who has only seen [`jwks`] may take for a shared secret: the RSA key as it stands there, in its two binary
/// forms, and as text.
pub(crate) fn public_rsa_as_secrets() -> Vec<Vec<u8>> {
    let public = OURS.rsa.public_key();
    let set: Value = serde_json::from_str(&jwks()).unwrap();
    vec![
        public.as_ref().to_vec(),
        RsaPublicKeyComponents::<Vec<u8>>::from(public).n,
        set["keys"][0]["n"].as_str().unwrap().as_bytes().to_vec(),
        set["keys"][0].to_string().into_bytes(),
    ]
}

/// A token that is going to be signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Draft {
    /// A token that counts for an hour, for the algorithm and by the key of that name.
    pub(crate) fn new(algorithm: &str, kid: &str) -> Self {
        let now = Utc::now().timestamp();
        Self {
            header: json!({"alg": algorithm, "kid": kid, "typ": "at+jwt"}),
            claims: json!({
                "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "scope": "customer courier openid",
                "iat": now, "nbf": now, "exp": now + 3600,
            }),
        }
    }

    pub(crate) fn header(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.header[field] = value.into();
        self
    }

    pub(crate) fn claim(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.claims[field] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, field: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(field);
        self
    }

    pub(crate) fn without_claim(mut self, field: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(field);
        self
    }

    /// Signed by the issuer, by the algorithm that its header names.
    pub(crate) fn sign(&self) -> String {
        let algorithm = self.header["alg"].as_str().unwrap_or_default();
        signed(
            &self.header.to_string(),
            &self.claims.to_string(),
            algorithm,
        )
    }

    /// Signed by somebody else.
    pub(crate) fn sign_strangely(&self) -> String {
        let message = message(&self.header.to_string(), &self.claims.to_string());
        let algorithm = self.header["alg"].as_str().unwrap();
        let signature = STRANGE.sign(algorithm, message.as_bytes());
        format!("{message}.{}", base64(&signature))
    }

    /// With a shared secret.
    pub(crate) fn sign_with_secret(&self, secret: &[u8]) -> String {
        let message = message(&self.header.to_string(), &self.claims.to_string());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", base64(tag.as_ref()))
    }
}

/// Any texts, signed by the issuer.
pub(crate) fn signed(header: &str, claims: &str, algorithm: &str) -> String {
    let message = message(header, claims);
    let signature = OURS.sign(algorithm, message.as_bytes());
    format!("{message}.{}", base64(&signature))
}

fn message(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        base64(header.as_bytes()),
        base64(claims.as_bytes())
    )
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The public key of a stranger, as a token may bring it along.
pub(crate) fn strange_jwk() -> Value {
    json!({"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": base64(STRANGE.ed.public_key().as_ref())})
}
