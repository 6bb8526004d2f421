//! The log as JetStream was measured to behave: answers, ambiguity, duplicates, redelivery, gaps.
//!
//! Invariant: the [`Server`] is the only place where something is stored; a [`Link`] is a process's way to it, and holds
//! nothing. What the ports promise is kept by the link, what the server answers is decided by the server.

mod append;
mod feed;
mod link;
mod parking;
mod queue;
mod server;
mod stream;
mod timers;
mod work;

pub(crate) use link::Link;
pub(crate) use server::{Gap, Server};
