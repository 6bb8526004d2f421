//! Who asks, and how we know: tokens of an issuer, API keys of our own, and the page's sessions.
//!
//! Invariant: a [`Principal`] comes out of here only for a credential that was checked on this very request; nothing that is
//! read from a token counts before its signature does. What a client is told never says which check failed. Nothing here
//! decides what somebody may do: that is [`Access`], and nothing here keeps users: that is the issuer's.
//!
//! [`Principal`]: ordertrace_http::Principal
//! [`Access`]: ordertrace_http::Access

mod authenticator;
mod layer;
mod standing;

mod credential;
mod name;
mod refused;

mod keyset;
mod token;

mod apikey;
mod session;

mod hex;
mod strict;
mod watched;

pub use apikey::{
    ApiKeyRecord, ApiKeys, InvalidKey, KeyFileError, KeyId, NewApiKey, create, list, revoke,
};
pub use authenticator::{AuthError, Authenticated, Authenticator};
pub use credential::Credential;
pub use keyset::{Jwks, JwksUrlError};
pub use layer::{CSRF_FIELD, CSRF_HEADER, authenticate};
pub use refused::Refused;
pub use session::{
    InvalidSessionKey, SESSION_CREDENTIAL_BYTES_MAX, SealError, Session, SessionKey, Sessions,
    Transport,
};
pub use token::{TokenPolicy, TokenTypes, Tokens};
