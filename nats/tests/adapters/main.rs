//! The adapters on real servers: one node each, and three where a cluster behaves in another way.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod rig;

mod connection;
mod forbidden;
mod generated;
mod permissions;
mod tls;
mod topology;

mod doctor;
mod durability;

mod feed;
mod feed_failover;

mod records;
mod records_failover;

mod checkpoints;

mod parking;
mod timers;
mod work;
mod work_failover;
