//! The pages over an API that answers as the test wants.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod peer;
mod site;
mod story;

mod follow;
mod frame;
mod list;
mod order_form;

mod login;
mod roles;

mod act;
mod live;
mod look;
mod operate;
mod operations;
mod past;
