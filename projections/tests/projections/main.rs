//! The view against the log: what it shows, that it is the fold of the log whatever happens to it, and how it is asked.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod asking;
mod crash;
mod damage;
mod documented;
mod feed;
mod find;
mod folder;
mod history;
mod http;
mod listing;
mod logged;
mod opening;
mod past;
mod rate;
mod rebuild;
mod rows;
mod running;
mod scene;
mod stuck;
mod traces;
mod unfinished;
