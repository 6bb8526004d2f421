//! The command routes on a log in memory, called as clients call them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

mod bad_input;
mod commands;
mod documented;
mod envelope;
mod faults;
mod original_calls;
mod owners;
mod place;
mod preconditions;
mod repeats;
