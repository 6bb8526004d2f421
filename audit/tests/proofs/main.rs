//! Exports, bundles and their verifier, on a small log that is the same at every run.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bundle;
mod bytes;
mod codes;
mod export;
mod large;
mod live;
mod published;
mod sample;
mod tampering;
mod vectors;
