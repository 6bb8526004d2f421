//! What `react` answers: the whole table, line by line, and random walks which show that no line is missing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ask;
mod cancellation;
mod delivery;
mod payment;
mod refund;
mod rest;
mod till;
mod walk;
mod world;
