//! The verifier: whether what an export, a bundle or a log says is true, for somebody who trusts nothing but the hashes,
//! a public key, and a checkpoint of their own.
//!
//! Everything streams, and the memory is that of one event and of how far each order has come. All that is wrong is
//! collected, in the order of the checks in `vectors/README.md`; the first finding is what a verifier that stops there
//! reports.
//!
//! Invariant: a [`Report`] is only given if nothing was found. It says what was shown and what was not: that nothing
//! matched a filter but was left out, for one, or that the log told the truth when it was written.

mod agreement;
mod batches;
mod bundle;
mod checkpoint;
mod complete;
mod export;
mod file;
mod finding;
mod findings;
mod headers;
mod inclusion;
mod kept;
mod live;
mod next_event;
mod partial;
mod published;
mod report;
mod step;
mod trust;
mod wrong;

pub use bundle::verify_bundle;
pub use checkpoint::{VerifiedCheckpoint, verify_checkpoint};
pub use export::verify_export;
pub use file::{NotVerifiable, VerifyError, verify_file};
pub use finding::{Finding, Found, Note, Root};
pub use findings::Refutation;
pub use live::{LogVerifier, Next};
pub use next_event::NotNext;
pub use report::{Cosigned, Kept, Report, Signer, Subject};
pub use trust::Trust;
pub use wrong::Wrong;
