//! Why a credential does not count. For the log: a client is told less.
//!
//! Invariant: nothing of the credential is in it, only what is wrong with it.

use ordertrace_domain::InvalidText;

/// Why a credential does not count. Send another one; the same one will not do.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The request has more than one credential, and two readers may each take another.
    #[error("there is more than one credential")]
    Several,
    /// `Authorization` has another scheme than `Bearer`.
    #[error("the scheme is not Bearer")]
    Scheme,
    /// It is empty, or has characters that no credential has.
    #[error("it is no credential at all")]
    NotACredential,
    /// It is longer than any that is taken.
    #[error("it is too long")]
    TooLong,
    /// Tokens, or API keys, are not taken here.
    #[error("credentials of that kind are not taken")]
    Kind,
    /// A token does not have three parts, or its header is no JSON object that says everything once.
    #[error("the token is malformed")]
    Malformed,
    /// A token's header names where to find a key, has one in it, or demands what nobody here understands.
    #[error("the token's header has {0:?}")]
    HeaderField(&'static str),
    /// A token is of another type than is taken, or does not say of which.
    #[error("the token is of another type")]
    Type,
    /// A token is not signed, or by an algorithm that is not taken.
    #[error("the token's algorithm is not taken")]
    Algorithm,
    /// A token's `kid` is not text, too long, or not printable.
    #[error("the token's key id is none")]
    KeyIdForm,
    /// A token names no key, and there are several.
    #[error("the token does not say which key it was signed with")]
    KeyIdMissing,
    /// The issuer has no such key.
    #[error("the issuer has no such key")]
    KeyUnknown,
    /// The key that a token names is one of another algorithm.
    #[error("the key is one of another algorithm")]
    KeyAlgorithm,
    /// The signature, or one of `exp`, `nbf`, `iss`, `aud` is not as it has to be.
    #[error("the token does not hold")]
    Token(#[source] jsonwebtoken::errors::Error),
    /// A claim has another form than it has to have.
    #[error("the claim {0:?} is not as it should be")]
    Claim(&'static str),
    /// A token counts for longer than any should.
    #[error("the token counts for too long")]
    Lifetime,
    /// Whoever it is about has a name that nobody can have.
    #[error("the name in it is none")]
    Name(#[source] InvalidText),
    /// Whoever it is about has one of the program's own names.
    #[error("the name in it is one of the program's own")]
    ReservedName,
    /// There is no such API key, or its secret is another one.
    #[error("there is no such API key")]
    ApiKeyUnknown,
    /// The API key was revoked.
    #[error("the API key was revoked")]
    ApiKeyRevoked,
}
