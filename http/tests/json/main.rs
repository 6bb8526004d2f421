//! Bodies that are refused, and those that are taken.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod probe;

mod body;
mod fields;
mod malformed;
mod properties;
