//! The audit against the log in memory: what it signs, when it stops, what it keeps, and what it answers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accept;
mod expected;
mod folder;
mod forged;
mod http;
mod monitors;
mod proofs;
mod rate;
mod restarts;
mod signers;
mod signing;
mod silence;
mod site;
mod streams;
mod tampered;
