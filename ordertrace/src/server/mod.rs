//! The HTTP server: listener, what stands before every route, and health.
//!
//! Invariant: every wait has a bound: for a request's head, for its answer, for a shutdown. Routes are the roles'.

mod guard;
mod health;
mod index;
mod listener;

pub(crate) use guard::{Hosts, hosts_for};
pub(crate) use health::{Check, Health};
pub(crate) use index::router as index;
pub(crate) use listener::{Listener, check_exposure};
