//! The HTTP server: listener, what stands before every route, and health.
//!
//! Invariant: every wait has a bound: for a request's head and its body, for its answer, for a client to take it, for a
//! stop. So have the number of connections, of requests under way, and what is remembered of clients. Most of them are
//! settings, which `docs/operations.md` lists. Routes are the roles'.

mod listener;

mod connections;
mod patience;

mod guard;

mod entrance;
mod hosts;
mod login;
mod rate;

mod health;
mod pulse;
mod workers;

mod index;

#[cfg(test)]
mod documented;

pub(crate) use health::{Check, Health};
pub(crate) use hosts::{Hosts, hosts_for};
pub(crate) use index::router as index;
pub(crate) use listener::{GRACE, Listener};
pub(crate) use login::{Login, login_for, login_with_sessions};
pub(crate) use pulse::Pulse;
