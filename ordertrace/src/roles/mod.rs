//! The roles: what a process does. Each connects its parts, runs them, and stops them in order.

pub(crate) mod command_api;
pub(crate) mod dev;
pub(crate) mod projections;
pub(crate) mod saga;

mod attach;
mod parts;

use attach::{Attached, attach, attach_to};
use parts::Parts;
