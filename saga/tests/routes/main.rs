//! The operator's routes on the log in memory, with the clock in the test's hand.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod consumers;
mod desk;
mod discard;
mod documented;
mod faults;
mod goes_on;
mod letters;
mod meddled;
mod operators;
mod resume;
mod retry;
mod stuck;
