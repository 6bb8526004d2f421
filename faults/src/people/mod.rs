//! Customers, couriers and operators: what they ask for, and how they take the answers.
//!
//! Invariant: somebody who had no answer asks again with the same id, as every client should; what he was told is held
//! against what is true.

mod api;
mod order;
mod person;

pub(crate) use api::{Api, keep};
pub(crate) use order::Place;
pub(crate) use person::{Person, Role};
