//! The log on a real `nats-server`: what the contract of the ports does not say, and what happens when servers die.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod appends;
mod cluster;
mod group_commit;
mod outages;
mod reads;
mod repeats;
mod support;
