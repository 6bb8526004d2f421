//! The saga's runner on the log in memory, with the clock in the test's hand.
//!
//! Tokio's own time is paused in every test: it moves on only when no task can go on, so a bounded wait ends either with
//! what it waits for, or as soon as that can no longer happen.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod away;
mod card;
mod cash;
mod counter;
mod crash;
mod deadlines;
mod doubled;
mod faults;
mod fuse;
mod meddler;
mod overtaken;
mod poison;
mod redelivery;
mod shop;
mod turns;
mod upgrade;
