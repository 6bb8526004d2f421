//! Somebody who owns the machine changes the store of the log, and `audit verify` says what was changed.
//!
//! Invariant: the store is changed as an insider would do it, in the files of a server that has ended and with good
//! checksums, so that only the proofs can tell. What a verification can't show without a checkpoint that was kept outside
//! is tested to pass: it is as much a part of what is promised as the rest.

mod bytes;
mod checkpoints;
mod cost;
mod history;
mod insider;
mod order;
mod role;
mod scene;
pub(crate) mod tracer;
mod verdict;
