//! The payment simulator over real HTTP: what it answers, what it keeps, and how it fails by design.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod server;

mod adapter;
mod amounts;
mod journal;
mod once;
mod payment;
mod refused;
