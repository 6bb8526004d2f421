//! API keys of our own: `ot_<id>_<secret>`, for programs.
//!
//! Invariant: a secret is shown once, when it is made; what is kept is its SHA-256. That is enough: a secret is 256 random
//! bits, so that nobody finds it by trying, however quick the hash; slow hashes are for what people think up. The id is no
//! secret: it finds the key, and names it in logs.

mod book;
mod check;
mod file;
mod record;
mod secret;

pub use book::InvalidKey;
pub use check::ApiKeys;
pub use file::{KeyFileError, create, list, revoke};
pub use record::{ApiKeyRecord, NewApiKey};
pub use secret::KeyId;
pub(crate) use secret::PREFIX;
