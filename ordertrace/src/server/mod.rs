//! The HTTP server: listener, what stands before every route, and health.
//!
//! Invariant: every wait has a bound: for a request's head, for its answer, for a client to take it, for a shutdown, and so has the
//! number of connections. Routes are the roles'.

mod connections;
mod guard;
mod health;
mod hosts;
mod index;
mod listener;
mod patience;

pub(crate) use health::{Check, Health};
pub(crate) use hosts::{Hosts, hosts_for};
pub(crate) use index::router as index;
pub(crate) use listener::{Listener, check_exposure};
