//! The witness, as a log meets it over HTTP: what it cosigns, what it refuses, what it remembers, and how a signer asks it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod asking;
mod book;
mod judging;
mod remembering;
mod signing;
mod site;
