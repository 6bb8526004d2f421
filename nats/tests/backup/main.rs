//! Streams taken out of real servers and put back into others: one node, and three.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

mod cluster;
mod cut_off;
mod fired;
mod kept;
mod places;
mod slow;
