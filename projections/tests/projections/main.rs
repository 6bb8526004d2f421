//! The view against the log: what it shows, that it is the fold of the log whatever happens to it, and how it is asked.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod asking;
mod boundaries;
mod crash;
mod damage;
mod documented;
mod feed;
mod find;
mod folder;
mod history;
mod http;
mod kills;
mod listing;
mod live;
mod live_ends;
mod live_fold;
mod live_stream;
mod logged;
mod opening;
mod owners;
mod owners_lists;
mod owners_live;
mod past;
mod rate;
mod rebuild;
mod rebuild_crash;
mod rebuild_failing;
mod rebuild_rate;
mod rebuild_revision;
mod rebuild_routes;
mod rebuild_scene;
mod rebuilding;
mod revision;
mod rows;
mod running;
mod scene;
mod stuck;
mod traces;
mod unfinished;
mod writes;
